/** `scale`: one point of a scale, as radio buttons. */

/** @import {MountedQuestion} from "../types.d.ts" */

/**
 * @param {HTMLElement} root
 * @returns {MountedQuestion}
 */
export function mount(root) {
  const inputs = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(".scale-input")]);

  return {
    read() {
      const picked = inputs.find((input) => input.checked);
      return picked ? [[picked.value]] : null;
    },

    show({ response, locked }) {
      const given = response?.[0];
      for (const input of inputs) {
        input.checked = Array.isArray(given) && given.includes(input.value);
        input.disabled = locked;
      }
    },

    unmount() {},
  };
}
