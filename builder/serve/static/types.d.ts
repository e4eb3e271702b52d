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
  target: "scorm12" | "scorm2004";
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

export interface News {
  number: number;
  target: string;
  trouble: string;
  behind: string[];
  changed: string[];
  diagnostics: Problem[];
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
