// Loaded by mocha in each of its processes. A worker reports to its parent as JSON, which has no
// bigint. Without this a failed assertion over amounts would end as an error of the runner, without
// the name of the test.
const { send } = process;

if (send !== undefined) {
  process.send = (message, ...rest) => send.call(process, withoutBigints(message), ...rest);
}

function withoutBigints(message) {
  const text = JSON.stringify(message, (_key, value) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  return text === undefined ? message : JSON.parse(text);
}
