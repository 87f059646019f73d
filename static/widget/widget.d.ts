/** What `widget.js` puts on the page. Copy this file beside your own declarations, or name its address in `types`. */

export type PalompyLanguage = "ru" | "en";

/** The attributes of the script in camel case; each wins over the shop's setting. */
export interface PalompyOptions {
  apiBase?: string;
  lang?: PalompyLanguage;
  prompts?: string[];
  perks?: Record<string, string> | string[];
  position?: "right" | "left";
  offsetX?: number;
  offsetY?: number;
  zIndex?: number;
  /** `#rgb` or `#rrggbb` */
  color?: string;
  scheme?: "light" | "dark" | "auto";
  title?: string;
  greeting?: string;
  open?: boolean;
  launcher?: "show" | "none";
  /** A selector of elements that open and close the chat. */
  trigger?: string;
  /** A selector of the element that holds the chat as a part of the page. */
  inline?: string;
  /** Patterns of addresses with spaces between them. */
  hideOn?: string;
  showOn?: string;
  consent?: "required" | "off";
  noTrack?: boolean;
  /** The id of the product that the page shows. */
  context?: string;
  /** `dataLayer`, `metrica:COUNTER`, or both with a space between them. */
  mirror?: string;
}

export interface PalompyContext {
  productId?: string;
  page?: string;
  cart?: unknown;
}

export interface PalompyLead {
  name: string | null;
  email: string | null;
  phone: string | null;
  intent: string | null;
  orderNumber: string | null;
  preferredContact: string | null;
  notes: string | null;
  sessionId: string;
  pageUrl: string;
}

export interface PalompyEvents {
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  prompt_click: Record<string, unknown>;
  source_click: Record<string, unknown>;
  message_sent: { sessionId: string };
  answer: { messageId: string | null; degraded: boolean };
  no_answer: { messageId: string | null; degraded: boolean };
  vote: Record<string, unknown>;
  lead: PalompyLead;
  handoff: Record<string, unknown>;
  survey_shown: Record<string, unknown>;
  survey_started: Record<string, unknown>;
  survey_completed: Record<string, unknown>;
  survey_dismissed: Record<string, unknown>;
  error: { kind: string };
}

export interface PalompyApi {
  readonly version: string;
  init(publicKey: string, options?: PalompyOptions): void;
  open(): void;
  close(): void;
  toggle(): void;
  isOpen(): boolean;
  show(): void;
  hide(): void;
  ask(text: string): void;
  setLang(language: PalompyLanguage): void;
  setContext(context: PalompyContext | null): void;
  onLead(listener: (lead: PalompyLead) => void): void;
  on<Name extends keyof PalompyEvents>(event: Name, listener: (detail: PalompyEvents[Name]) => void): void;
  off<Name extends keyof PalompyEvents>(event: Name, listener: (detail: PalompyEvents[Name]) => void): void;
  survey(id: number | string): void;
  /** `name`: Latin letters in lower case, digits, `_`. Never pass anything personal. */
  track(name: string, metadata?: Record<string, string | number | boolean>): void;
  reset(): void;
  destroy(): void;
  /** A call as a list: its name, then its values. Before the script has loaded, `PalompyWidget` may be a plain list of these. */
  push(...calls: [keyof PalompyApi, ...unknown[]][]): void;
}

declare global {
  interface Window {
    PalompyWidget: PalompyApi;
  }
  interface DocumentEventMap {
    "palompy:ready": CustomEvent<PalompyEvents["ready"]>;
    "palompy:open": CustomEvent<PalompyEvents["open"]>;
    "palompy:close": CustomEvent<PalompyEvents["close"]>;
    "palompy:message_sent": CustomEvent<PalompyEvents["message_sent"]>;
    "palompy:answer": CustomEvent<PalompyEvents["answer"]>;
    "palompy:no_answer": CustomEvent<PalompyEvents["no_answer"]>;
    "palompy:vote": CustomEvent<PalompyEvents["vote"]>;
    "palompy:lead": CustomEvent<PalompyLead>;
    "palompy:handoff": CustomEvent<PalompyEvents["handoff"]>;
    "palompy:error": CustomEvent<PalompyEvents["error"]>;
  }
}
