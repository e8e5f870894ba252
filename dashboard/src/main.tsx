/** Starts the page. */
import { render } from "preact";

import { App } from "./app.js";
import { findSettings } from "./state/saved.js";
import { failureText } from "./words/errors.js";

const root = document.getElementById("app");
if (!root) throw new Error("The page has no place for its content.");

try {
  render(<App known={await findSettings()} />, root);
} catch (error) {
  render(
    <p class="alert" role="alert">
      {failureText(error)}
    </p>,
    root,
  );
}
