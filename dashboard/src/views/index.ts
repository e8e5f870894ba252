/** The views of the page, in the order of its navigation. */
import type { ComponentType } from "preact";

import { AccountPage } from "./account.js";
import { LoopPage } from "./loop.js";
import { NodesPage } from "./nodes.js";
import { PricesPage } from "./prices.js";
import { SafetyPage } from "./safety.js";
import { SupplyPage } from "./supply.js";
import { VotesPage } from "./votes.js";

/** A view. */
export interface View {
  /** Its part of the address. */
  readonly path: string;
  readonly title: string;
  readonly page: ComponentType;
}

/** The view that opens if the address names none. */
export const FIRST_VIEW: View = { path: "loop", title: "Loop", page: LoopPage };

export const VIEWS: readonly View[] = [
  FIRST_VIEW,
  { path: "supply", title: "Supply", page: SupplyPage },
  { path: "prices", title: "Prices", page: PricesPage },
  { path: "nodes", title: "Nodes", page: NodesPage },
  { path: "votes", title: "Votes", page: VotesPage },
  { path: "safety", title: "Safety", page: SafetyPage },
  { path: "account", title: "Account", page: AccountPage },
];
