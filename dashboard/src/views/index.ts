/** The views of the page, in the order of its navigation. */
import type { ComponentType } from "preact";

import { SupplyPage } from "./supply.js";

/** A view. */
export interface View {
  /** Its part of the address. */
  readonly path: string;
  readonly title: string;
  readonly page: ComponentType;
}

/** The view that opens if the address names none. */
export const FIRST_VIEW: View = { path: "supply", title: "Supply", page: SupplyPage };

export const VIEWS: readonly View[] = [FIRST_VIEW];
