/**
 * The shapes that the compiler writes and the player reads, and the contracts of the two seams. Never shipped.
 *
 * Absent members mean empty, false or 0.
 */

// --- what a package says -------------------------------------------------------------------------------------------

export type InteractionType =
  | "true-false"
  | "choice"
  | "fill-in"
  | "long-fill-in"
  | "matching"
  | "performance"
  | "sequencing"
  | "likert"
  | "numeric"
  | "other";

/** A question, or one part of it, as the standards see it. `id`: `q`, or `q.a` for part `a`. */
export interface Interaction {
  id: string;
  type: InteractionType;
  /** Of the part; "" for the whole; `confidence`, `judgement` for what stands beside what is asked. */
  letter: string;
  /** Letters of the answers, in the order of the source. */
  choices?: string[];
  /** Letters of the targets, in the order of the source; `matching` only. */
  targets?: string[];
  /** Letters that keep their place when the others are shuffled. */
  fixed?: string[];
  multiple?: boolean;
  /** Letters; in their right order for `sequencing`; pairs of letters (`ab`: source, target) for `matching`. */
  right?: string[];
  accept?: string[];
  /** Closed intervals. */
  ranges?: [number, number][];
  case?: boolean;
  accents?: boolean;
  typos?: number;
  /** `performance`: what a step is worth when it is taken at least once. */
  steps?: Record<string, number>;
  /** `performance`: what the best path is worth. */
  best?: number;
  /** `performance`: the steps that end a path. */
  ends?: string[];
  /** Most bytes that are saved of a text, most steps of a path. */
  limit?: number;
  /** Share of the question's points; the shares of a question add up to 1. */
  weight: number;
}

export interface Question {
  id: string;
  slot: number;
  type: string;
  /** Plain text, at most 80 characters. */
  title: string;
  points: number;
  tries: number;
  partial: "none" | "each";
  scored: boolean;
  required: boolean;
  shuffle: boolean;
  /** Release revision in which the key last changed. */
  keyedAt: number;
  interactions: Interaction[];
  /** Id of the quiz around it. */
  quiz?: string;
  /** Of a quiz. */
  rules?: QuizRules;
}

export interface QuizRules {
  /** How many questions are drawn from which; 0: never drawn. */
  groups: { count: number; slots: number[] }[];
  retakes: number;
  feedback: "now" | "end" | "never";
  /** Percent that the learner is told to reach. */
  pass: number | null;
  /** What it should take; with `timed`, when it ends. */
  minutes: number | null;
  timed: boolean;
}

/** What is known of a quiz: takes begun and finished, seconds spent in the last one, slots drawn for it. */
export interface Take {
  begun: number;
  finished: number;
  isOpen: boolean;
  seconds: number;
  slots: number[];
}

export interface Lesson {
  id: string;
  slot: number;
  title: string;
  file: string;
  kind: "lesson" | "practice" | "positioning" | "assessment";
  module: string;
  graded: boolean;
  minutes: number;
  optional: boolean;
  questions: Question[];
}

/** `lesson-data` of a lesson's page. */
export interface LessonPage {
  contract: number;
  version: string;
  lesson: string;
  slot: number;
  questions: Question[];
}

/** `course-data` of the launch document. */
export interface CourseData {
  contract: number;
  /** `id`: what the browser keeps goes by it; in a SCO it is `COURSE/SLOT`. */
  course: { id: string; title: string; version: string; language: string };
  /** Release revision of this package. */
  revision: number;
  /** 0–1, or null. */
  mastery: number | null;
  completion: CompletionTable;
  /** Most characters of the saved state; null: no limit. */
  state: { limit: number | null };
  target: string;
  /** `local`: no LMS; every page that the shell shows is also in `lessons/ID.js`. */
  driver: string;
  lessons: Lesson[];
  /** Ids of pages that belong to no lesson here: `_glossary` is `_glossary.html`. In a SCO the other lessons, too. */
  pages?: string[];
  /** Objectives of the framework that lessons or questions name; only where the target reports them. */
  objectives?: { id: string; text: string; lessons: number[]; questions: number[] }[];
  /** Recorders name the learner by a salted hash, and nobody without a salt. */
  pseudonymous?: boolean;
  /** One of several SCOs: `lessons` is one lesson, and the LMS shows the table of contents. */
  sco?: boolean;
  strings: Record<string, string>;
}

// --- completion ----------------------------------------------------------------------------------------------------

export type Status = "incomplete" | "completed" | "failed" | "passed";
export type Fact = "lessons" | "everything" | "mastery" | "minutes";
export type Facts = Record<Fact, boolean>;
export interface CompletionRow {
  /** Facts that must hold, or must not (`!mastery`). */
  when: string[];
  to: Status;
}
export interface CompletionTable {
  initial: Status;
  states: Partial<Record<Status, CompletionRow[]>>;
  /** Ids that the fact `lessons` means; absent: all that are not optional. */
  lessons?: string[];
  /** What the fact `minutes` wants. */
  minutes?: number;
}

// --- what the learner gave -----------------------------------------------------------------------------------------

/** `cut`: only the beginning is kept, or nothing, and it was wrong. `right`: it was right, its words are not kept. */
export interface Text {
  text: string;
  cut?: boolean;
  right?: boolean;
}
/**
 * Letters, sorted; in the learner's order for `sequencing`; pairs of letters (`ab`) for `matching`, and in their order
 * for `performance`; whole numbers in decimal digits for `other`, which no LMS is told.
 */
export type Given = string[] | Text | null;
/** One entry per interaction, in the order of `Question.interactions`; null: never answered. */
export type Response = Given[] | null;

export interface QuestionRecord {
  /**
   * Times answered. 0 with a response: reopened, counts as before, shown unanswered; and without index: given in part,
   * not submitted, counts for nothing.
   */
  tries: number;
  hints: number;
  /** Index of its first interaction in the LMS's list; −1: none. */
  index: number;
  response: Response;
  /** Release revision under which it was answered. */
  revision: number;
  /** Bytes that a later format appended. */
  rest?: Uint8Array;
  /** What a newer package wrote, written back as long as nothing changes. */
  payload?: Uint8Array;
}
export interface LessonRecord {
  visited: boolean;
  end: boolean;
  rest?: Uint8Array;
}

/** The saved state, decoded. Maps are keyed by slot. */
export interface Saved {
  revision: number;
  counter: number;
  /** Random 32-bit number, never 0: the LMS's attempt. */
  attempt: number;
  status: Status;
  /** Next index in the LMS's list of interactions. */
  next: number;
  /** Slot of the lesson last shown; 0: the cover. */
  place: number;
  rest?: Uint8Array;
  lessons: Map<number, LessonRecord>;
  questions: Map<number, QuestionRecord>;
  /** Payloads that this package cannot read, written back untouched. */
  opaque: Map<number, Uint8Array>;
}

/** What each slot of this package is. */
export type Slots = Map<number, Question | "lesson">;

// --- the seam of the drivers ---------------------------------------------------------------------------------------

export interface DriverOptions {
  /** Id of the course. */
  course: string;
  target: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  data: CourseData;
  /** The driver learned something: another window wrote, the network is back. The session saves again. */
  again: () => void;
  /** Something that the learner may see has changed. */
  changed: () => void;
}

/** What an LMS tells when a session opens. Empty strings where it tells nothing. */
export interface Opened {
  mode: "normal" | "review" | "browse";
  learner: { id: string; name: string };
  state: string;
  location: string;
  status: Status | "";
  /** How many interactions are recorded; NaN: unknown. */
  interactions: number;
  /** Score recorded so far, 0–100; NaN: none or unknown. */
  score: number;
  /** Minutes of earlier sessions; 0: none or unknown. */
  minutes: number;
  /** Whether an LMS records; false: this browser only. */
  recorded: boolean;
  /** Recorded as completed, whatever the status says of success; where a standard keeps the two apart. */
  completed?: boolean;
  /** Mastery score of the LMS, 0–1, which stands instead of the course's. */
  mastery?: number;
  /** Keys of statements that an LRS has for certain: `completed`, `passed`. */
  told?: string[];
  /** 32-bit number that all windows of this attempt share; absent: the session makes one. */
  attempt?: number;
  /** What the LMS gives each launch (`cmi.launch_data`): a recorder may find its LRS in it. */
  launchData?: string;
}

export interface InteractionReport {
  index: number;
  interaction: Interaction;
  question: Question;
  response: Given;
  /** 0–1. */
  fraction: number;
  /** How long the learner took; 0: unknown. */
  milliseconds: number;
  time: Date;
}

export interface ObjectiveReport {
  /** Id of the framework. */
  id: string;
  /** Plain text. */
  text: string;
  /** 0–1: lessons done of those that aim at it, questions answered of those that assess it. */
  progress: number;
  /** 0–1, of its scored questions that were answered or that are required; null: none is scored. */
  scaled: number | null;
}

export interface Change {
  /** Empty: leave the recorded one alone. */
  state: string;
  location: string;
  status: Status;
  /** What is wanted beside mastery is done; never taken back. */
  completed: boolean;
  /** 0–1: lessons done of those that are not optional. */
  progress: number;
  objectives: ObjectiveReport[];
  /** 0–100, only with a final status. */
  score: number | null;
  /** New or changed since the last save that was confirmed, by index. */
  interactions: InteractionReport[];
}

export interface Driver {
  name: string;
  /** Where the standard speaks in statements; there is one from `open` on. */
  recorder?: Recorder | null;
  /** A page that is hidden for good, or kept by the browser for later, has ended its session (cmi5: `terminated`). */
  endsWithPage?: boolean;
  /** Address of the LMS where the learner goes when the session has ended. */
  returnTo?: string;
  /** Resolves to null where no LMS is found; rejects where one is found and refuses the session. */
  open(window: Window, options: DriverOptions): Promise<Opened | null>;
  save(change: Change, done: (saved: boolean) => void): void;
  /** Saves and ends the session. Later calls, and later saves, do nothing. Null: end without writing progress. */
  close(change: Change | null, done?: (saved: boolean) => void): void;
  /** Where several windows share one record: the state that another one has written since; "" when it was erased. */
  elsewhere?(): string | null;
  /** Where the learner may do so: erases all that is kept of the course, and ends the session. */
  erase?(): void;
}

/** What a file of `drivers/` exports. */
export interface DriverModule {
  create(): Driver;
}

// --- statements ----------------------------------------------------------------------------------------------------

/** An xAPI statement (xAPI Data §2). One of ours has id and timestamp from the moment it is made. */
export interface Statement {
  id: string;
  timestamp: string;
  actor: Record<string, unknown>;
  verb: { id: string; display?: Record<string, string> };
  object: { id: string; objectType?: string; definition?: Record<string, unknown> };
  result?: {
    score?: { scaled?: number; raw?: number; min?: number; max?: number };
    success?: boolean;
    completion?: boolean;
    response?: string;
    duration?: string;
    extensions?: Record<string, unknown>;
  };
  context?: Record<string, any>;
}

/** `xapi/statements.json`: everything of a statement that is known when the package is made. */
export interface StatementTemplates {
  schema: 1;
  /** By the id of the launch document's course (`course.course.id`): `initialized`, `completed` … */
  launches: Record<string, { activity: string; statements: Record<string, StatementTemplate> }>;
  /** `experienced:LESSON`, `answered:INTERACTION`. */
  statements: Record<string, StatementTemplate>;
}
export type StatementTemplate = Omit<Statement, "id" | "timestamp" | "actor">;

/** What statements tell of. */
export type Happening =
  | { kind: "initialized" | "terminated" }
  | { kind: "experienced"; lesson: Lesson }
  | { kind: "answered"; report: Omit<InteractionReport, "index">; tries: number }
  /**
   * How far the learner had come when the session opened, and has come now: share of lessons done, what is wanted
   * beside mastery is done, what the LMS is told, the grade (0–1), the best score so far (0–100). From what has changed
   * follow `progressed`, `completed`, `passed`, `failed`.
   */
  | { kind: "known" | "reached"; progress: number; completed: boolean; status: Status; grade: number; best: number };

/** Tells an LRS what happens. Statements are first made, then saved with the state, then handed over. */
export interface Recorder {
  /** Makes the statements of what happened, with id and time. Nothing is kept or sent yet. */
  tell(what: Happening): Statement[];
  /**
   * Takes statements over, in order: keeps each in the browser until the LRS has it, and sends it. One that it has
   * already, by id, is not taken twice. `isLast`: the page goes away, what waits is sent now.
   */
  put(statements: Statement[], isLast?: boolean): void;
  /** How many wait to be confirmed. */
  waiting(): number;
  /** What the learner must know of it. */
  trouble(): "" | "statements_waiting" | "statements_full" | "statements_refused" | "statements_nameless";
}

/** What a file of `live/` exports: listens to the desk of `carabin serve`, which says what was written anew. */
export interface LiveModule {
  open(window: Window, course: CourseData, session: import("./session.js").Session, shell: LiveShell): void;
}
export interface LiveShell {
  renew(): Promise<void>;
  refresh(): void;
}

/** What a file of `recorders/` exports: a recorder beside an LMS that knows no statements. */
export interface RecorderModule {
  /** Resolves to null where no LRS is configured, or its learner cannot be named. */
  open(window: Window, options: DriverOptions & { opened: Opened; attempt: number }): Promise<Recorder | null>;
}

// --- the seam of the questions -------------------------------------------------------------------------------------

/** What is to be shown of a response. */
export interface Review {
  response: Response;
  /** What each interaction is worth, 0–1. */
  fractions: number[];
  /** The response cannot be changed now. */
  locked: boolean;
  /** Picked answers are marked, their feedback shown. */
  marked: boolean;
  /** Right, or out of tries: right answers are shown. */
  final: boolean;
}

/** What the core lends to a question module. Everything here works without the DOM. */
export interface QuestionContext {
  /** The learner's words: key, and what stands for `{name}`; `n` chooses the plural. */
  t(key: string, values?: Record<string, string | number>): string;
  /** Letters of an interaction in the order for this learner: that of the source unless the question is shuffled. */
  order(interaction: Interaction): string[];
  /**
   * Notes what is given, as the button does, where it is complete; a question without that button and without key is
   * never locked.
   */
  submit(): void;
  /** Keeps what is given in part, so that it survives a crash; once submitted nothing more is kept. */
  keep(response: Response): void;
  /** A text that stays on this device. */
  device: { read(): string; write(text: string): boolean };
  /** Whether two texts are the same for the learner. */
  same(interaction: Interaction, one: string, other: string): boolean;
  /** A number in the course's language. */
  number(value: number): string;
}

export interface MountedQuestion {
  /** What is given now; null: not complete. */
  read(): Response;
  show(review: Review): void;
  unmount(): void;
}

/** What a file of `questions/` exports. `root` is the question's `<section>`; the core owns the common frame. */
export interface QuestionModule {
  mount(root: HTMLElement, question: Question, context: QuestionContext): MountedQuestion;
}

/** What a file of `questions/` exports when its type holds other questions, which are on the page already. */
export interface GroupModule {
  /** Returns what takes it off the page. */
  mountGroup(
    root: HTMLElement,
    quiz: Question & { rules: QuizRules },
    questions: Question[],
    session: import("./session.js").Session,
    words: import("./words.js").Words,
  ): () => void;
}

/** The registry that the pieces fill before the core starts. */
export interface Pieces {
  drivers: Record<string, DriverModule>;
  /** Only in packages that have some. */
  recorders?: Record<string, RecorderModule>;
  questions: Record<string, QuestionModule | GroupModule>;
  /** Only in the preview, `carabin serve`. */
  live?: Record<string, LiveModule>;
}
