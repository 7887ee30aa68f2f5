import {
  Calendar,
  Inbox,
  Lightbulb,
  ListOrdered,
  type LucideIcon,
  Settings,
  SquarePen,
  Sun,
  Users,
  Workflow,
} from "lucide-react";
import type { Counts } from "@/bindings";
import type { WordKey } from "@/words";
import type { ActionId } from "./actions";
import type { Where } from "./go";

export interface PlaceDef {
  where: Where;
  words: WordKey;
  icon: LucideIcon;
  /** Which number stands beside it. */
  count?: keyof Counts;
  /** The action that goes there. */
  action: ActionId;
  /** What it shows is at the server alone, where the organization has one. */
  atServer?: true;
}

/** What navigation shows: only places that work. A place adds its line when its route is there. */
export const places: readonly PlaceDef[] = [
  { where: { type: "today" }, words: "place.today", icon: Sun, count: "today", action: "go.today" },
  { where: { type: "calendar" }, words: "place.calendar", icon: Calendar, action: "go.calendar" },
  { where: { type: "compose" }, words: "place.compose", icon: SquarePen, action: "post.new" },
  {
    where: { type: "queue" },
    words: "place.queue",
    icon: ListOrdered,
    count: "queue",
    action: "go.queue",
  },
  {
    where: { type: "approvals" },
    words: "place.approvals",
    icon: Inbox,
    count: "approvals",
    action: "go.approvals",
  },
  { where: { type: "ideas" }, words: "place.ideas", icon: Lightbulb, action: "go.ideas" },
  {
    where: { type: "workflows" },
    words: "place.workflows",
    icon: Workflow,
    count: "runs",
    action: "go.workflows",
    atServer: true,
  },
];

/** Places at the foot. */
export const quietPlaces: readonly PlaceDef[] = [
  { where: { type: "personas" }, words: "place.personas", icon: Users, action: "go.personas" },
  { where: { type: "settings" }, words: "place.settings", icon: Settings, action: "go.settings" },
];
