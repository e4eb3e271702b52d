/** What the server tells the desk (`builder/serve/app.py`). Never shipped to learners. */

export interface Problem {
  file: string;
  line: number;
  column: number;
  code: string;
  severity: "error" | "warning" | "note";
  message: string;
  hint: string;
  source: string;
  editor: string;
}

export interface Shown {
  target: "scorm12" | "scorm2004" | "cmi5";
  course: string;
  title: string;
  mastery: number | null;
  limit: number | null;
  /** Changes when only a new launch shows what has changed. */
  launch: string;
  style: string;
  lessons: string[];
  launches: { sco: string; title: string; href: string }[];
}

export interface Choices<Value> {
  audience: Value;
  region: Value;
  overlay: Value;
  theme: Value;
}

/** A statement, in short and whole. */
export interface Told {
  verb: string;
  object: string;
  id: string;
  result: string;
  time: string;
  stored: boolean;
  /** It is the LMS's own. */
  is_own: boolean;
  json: string;
}

/** What a unit of cmi5 asked (`builder/serve/cmi5.py`). */
export interface Asked {
  call: string;
  query: string;
  sent: string;
  got: string;
  /** 0: there was no answer. */
  status: number;
  phrase: string;
  failed: boolean;
  error: string;
  clause: string;
  error_clause: string;
  statements: Told[];
}

/** What an LMS has on record, whatever the standard. */
export interface Recorded {
  status: string;
  success: string;
  score: string;
  completion: boolean;
  location: string;
  fields: Record<string, string>;
  state: string;
}

export interface News {
  number: number;
  target: string;
  trouble: string;
  behind: string[];
  changed: string[];
  diagnostics: Problem[];
  /** What is offered, and what is chosen of it: empty is what the course says. */
  choices: Choices<string[]>;
  chosen: Choices<string>;
  /** The course's own. */
  theme: string;
  shown: Shown | null;
}

export interface SavedState {
  characters: number;
  limit: number | null;
  readable: boolean;
  counter: number;
  status: string;
  place: string;
  lessons: { id: string; slot: number; visited: boolean; end: boolean }[];
  questions: { id: string; slot: number; tries: number; hints: number; response: string }[];
}
