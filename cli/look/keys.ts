import { KEY_ROLES } from "../../sdk/index.js";
import { readHistory } from "../frame/history.js";
import { formatAmount } from "../frame/quantities.js";
import { field, list, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";
import { describeLimits, readMaxima } from "./account.js";

const ROLES = Object.keys(KEY_ROLES).map((name) => name.toLowerCase());

/** Admins, projects and keys of an account, with their limits and spending. */
export async function showKeys(
  session: Session,
  terminal: Terminal,
  account: string,
): Promise<Report> {
  const { suite, now } = session;
  const { meter } = suite;
  const [{ projects }, set, added, most] = await Promise.all([
    meter.organisationOf(account),
    readHistory(session, terminal, meter, meter.filters.KeySet(account)),
    readHistory(session, terminal, meter, meter.filters.AdminAdded(account)),
    readMaxima(session),
  ]);
  const keys = [...new Set(set.map(({ args }) => String(args[1])))];
  const candidates = [...new Set([account, ...added.map(({ args }) => String(args[1]))])];
  const [states, isAdmin, opened] = await Promise.all([
    Promise.all(keys.map((key) => meter.keyOf(account, key))),
    Promise.all(candidates.map((candidate) => meter.isAdmin(account, candidate))),
    Promise.all(
      Array.from({ length: Number(projects) }, (_, i) => meter.projectOf(account, BigInt(i + 1))),
    ),
  ]);
  const items = states.flatMap(({ role, project, spent, limits }, i): Item[] => {
    const name = ROLES[Number(role)] ?? "none";
    if (name === "none") return [];
    return [
      {
        title: keys[i] ?? "",
        entries: [
          field("Role", name),
          field("Project", project, project === 0n ? "none" : String(project)),
          field("Spent", spent, formatAmount(spent)),
          ...describeLimits(limits, most, now),
        ],
      },
    ];
  });
  return {
    title: `Keys of ${account}`,
    entries: [
      list(
        "Admins",
        candidates.filter((_, i) => isAdmin[i] === true).map((title) => ({ title, entries: [] })),
      ),
      list(
        "Projects",
        opened.map(({ spent, limits }, i) => ({
          title: `Project ${i + 1}`,
          entries: [
            field("Spent", spent, formatAmount(spent)),
            ...describeLimits(limits, most, now),
          ],
        })),
        "none.",
      ),
      list("Keys", items, "none."),
    ],
  };
}
