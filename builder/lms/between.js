/** A window that holds the content and is no LMS: `between.html?package=URL`. */

const frame = document.createElement("iframe");
frame.title = "Content";
frame.src = new URLSearchParams(location.search).get("package") ?? "about:blank";
document.body.append(frame);
