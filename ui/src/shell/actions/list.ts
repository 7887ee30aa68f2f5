import {
  Archive,
  Ban,
  Calendar,
  CalendarCheck,
  Check,
  CircleX,
  Copy,
  CornerDownLeft,
  Inbox,
  Keyboard,
  LayoutTemplate,
  Lightbulb,
  ListChecks,
  ListOrdered,
  type LucideIcon,
  MessageSquarePlus,
  MoveDown,
  MoveUp,
  Pause,
  Pencil,
  Play,
  Plug,
  RotateCcw,
  Save,
  Search,
  Send,
  Settings,
  SquareCheck,
  SquarePen,
  Sun,
  Undo2,
  Users,
  WandSparkles,
  Workflow,
  X,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import type { WordKey } from "@/words";

/** Where an action stands in the palette and on the shortcut sheet. */
export type Section = "go" | "write" | "decide" | "list" | "content" | "window";

export interface ActionDef {
  words: WordKey;
  section: Section;
  icon: LucideIcon;
  /** The default shortcut; `G A` is a sequence. */
  keys?: string;
  /** Not worth a line in the palette: moving in a list. */
  quiet?: boolean;
}

function define<T extends Record<string, ActionDef>>(table: T): { [K in keyof T]: ActionDef } {
  return table;
}

/**
 * Every action of the window. A place says what an action does while the place is shown
 * (`useActions`); what nobody offers right now is shown nowhere.
 */
export const actions = define({
  "go.today": { words: "action.go_today", section: "go", icon: Sun, keys: "G T" },
  "go.calendar": { words: "action.go_calendar", section: "go", icon: Calendar, keys: "G C" },
  "go.queue": { words: "action.go_queue", section: "go", icon: ListOrdered, keys: "G Q" },
  "go.approvals": { words: "action.go_approvals", section: "go", icon: Inbox, keys: "G A" },
  "go.ideas": { words: "action.go_ideas", section: "go", icon: Lightbulb, keys: "G I" },
  "go.workflows": { words: "action.go_workflows", section: "go", icon: Workflow, keys: "G W" },
  "go.personas": { words: "action.go_personas", section: "go", icon: Users, keys: "G P" },
  "go.settings": { words: "action.go_settings", section: "go", icon: Settings, keys: "Mod+," },
  "post.new": { words: "action.new_post", section: "write", icon: SquarePen, keys: "C" },
  "post.from_template": {
    words: "templates.from_long",
    section: "write",
    icon: LayoutTemplate,
    keys: "Shift+C",
  },
  "decide.approve": { words: "action.approve", section: "decide", icon: Check, keys: "A" },
  "decide.changes": { words: "action.request_changes", section: "decide", icon: Undo2, keys: "R" },
  "decide.reject": { words: "action.reject", section: "decide", icon: Ban, keys: "X" },
  "note.write": { words: "action.note", section: "decide", icon: MessageSquarePlus, keys: "N" },
  "calendar.today": {
    words: "action.calendar_today",
    section: "list",
    icon: CalendarCheck,
    keys: "T",
  },
  "first.publish": {
    words: "first.publish",
    section: "write",
    icon: Send,
    keys: "Mod+Enter",
    quiet: true,
  },
  "list.next": { words: "action.next", section: "list", icon: MoveDown, keys: "J", quiet: true },
  "list.previous": {
    words: "action.previous",
    section: "list",
    icon: MoveUp,
    keys: "K",
    quiet: true,
  },
  "list.open": {
    words: "action.open",
    section: "list",
    icon: CornerDownLeft,
    keys: "Enter",
    quiet: true,
  },
  "list.find": { words: "action.find", section: "list", icon: Search, keys: "/" },
  "list.select": {
    words: "action.select",
    section: "list",
    icon: SquareCheck,
    keys: "X",
    quiet: true,
  },
  "list.select_range": {
    words: "action.select_range",
    section: "list",
    icon: SquareCheck,
    keys: "Shift+X",
    quiet: true,
  },
  "list.select_all": {
    words: "action.select_all",
    section: "list",
    icon: ListChecks,
    keys: "Mod+A",
    quiet: true,
  },
  "list.select_none": {
    words: "action.select_none",
    section: "list",
    icon: X,
    keys: "Escape",
    quiet: true,
  },
  "content.save": { words: "action.save_draft", section: "write", icon: Save, keys: "Mod+S" },
  "content.submit": { words: "action.submit", section: "write", icon: Send, keys: "Mod+Enter" },
  "content.help": { words: "action.help_me", section: "write", icon: WandSparkles, keys: "Mod+J" },
  "content.edit": { words: "action.edit", section: "content", icon: Pencil, keys: "E" },
  "content.duplicate": { words: "action.duplicate", section: "content", icon: Copy, keys: "Mod+D" },
  "content.cancel": { words: "action.cancel_sending", section: "content", icon: CircleX },
  "content.archive": { words: "action.archive", section: "content", icon: Archive },
  "sending.pause": { words: "action.pause", section: "window", icon: Pause },
  "sending.resume": { words: "action.resume", section: "window", icon: Play },
  "account.connect": { words: "action.connect_account", section: "write", icon: Plug },
  "window.palette": {
    words: "action.palette",
    section: "window",
    icon: Search,
    keys: "Mod+K",
    quiet: true,
  },
  "window.keys": { words: "action.keys", section: "window", icon: Keyboard, keys: "?" },
  "window.larger": { words: "action.larger", section: "window", icon: ZoomIn, keys: "Mod+Plus" },
  "window.smaller": {
    words: "action.smaller",
    section: "window",
    icon: ZoomOut,
    keys: "Mod+Minus",
  },
  "window.usual_size": {
    words: "action.usual_size",
    section: "window",
    icon: RotateCcw,
    keys: "Mod+0",
  },
  "window.undo": {
    words: "action.undo",
    section: "window",
    icon: Undo2,
    keys: "Mod+Z",
    quiet: true,
  },
});

export type ActionId = keyof typeof actions;
export const actionIds = Object.keys(actions) as ActionId[];
