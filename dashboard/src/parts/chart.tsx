/** Charts. The figures behind each are in a table beside it; numbers are floating-point here, and only here. */
import uPlot from "uplot";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Source } from "../reads/source.js";
import { dayText } from "../words/times.js";

/** A line or a row of bars. */
export interface Series {
  readonly name: string;
  /** Where its values were read. */
  readonly source: Source;
  readonly values: readonly (number | null)[];
  readonly kind?: "line" | "bars" | "steps" | "points";
}

interface ChartProps {
  /** Description of the chart, in a sentence. */
  readonly label: string;
  readonly unit: string;
  readonly xs: readonly number[];
  /** Whether the x axis is a time in seconds; otherwise it counts something. */
  readonly isTime?: boolean;
  readonly xName: string;
  readonly series: readonly Series[];
  /** A place on the x axis to mark, such as now. */
  readonly mark?: number;
}

const HEIGHT = 240;

/** Distances between marks on an axis that counts. */
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** Distinct colours, by their place; the style sheet has one set for light and one for dark. */
const COLOURS = 8;

/** A chart that takes the width it gets. */
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const isDark = useIsDark();
  const shape = `${props.series.map(({ name, kind }) => `${name} ${kind ?? ""}`).join()} ${isDark}`;
  const data = [props.xs, ...props.series.map(({ values }) => values)] as uPlot.AlignedData;
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    plot.current = new uPlot(optionsOf(latest, element), data, element);
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [shape]);
  const sum = JSON.stringify(data);
  useEffect(() => {
    plot.current?.setData(data);
  }, [sum]);
  return <div class="chart" role="img" aria-label={`Chart: ${props.label}`} ref={box} />;
}

function optionsOf(latest: { readonly current: ChartProps }, element: HTMLElement): uPlot.Options {
  const { isTime = false, unit, xName, series } = latest.current;
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const short = (value: number) =>
    new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 }).format(value);
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
    scales: {
      // Counts get half a place on both sides, so that the first and the last bar are whole.
      x: isTime ? { time: true } : { time: false, range: (_, min, max) => [min - 0.5, max + 0.5] },
      y: { range: (_, min, max) => [Math.min(0, min), max > 0 ? max * 1.1 : 1] },
    },
    cursor: { drag: { x: false, y: false } },
    axes: [
      isTime ? axis : { ...axis, incrs: WHOLE_STEPS },
      { ...axis, size: 64, values: (_, splits) => splits.map((split) => short(split)) },
    ],
    series: [
      {
        label: xName,
        value: (_, x: number | null) =>
          x === null ? "–" : isTime ? dayText(BigInt(Math.round(x))) : `${x}`,
      },
      ...series.map(({ name, kind = "line" }, i): uPlot.Series => {
        const stroke = colour(`--series-${(i % COLOURS) + 1}`);
        return {
          label: name,
          stroke,
          width: 2,
          points: { show: kind === "points", size: 11, fill: stroke },
          value: (_, y: number | null) => (y === null ? "–" : `${y.toLocaleString("en")} ${unit}`),
          ...(kind === "bars" ? { fill: `${stroke}99`, paths: barPaths(i) } : {}),
          ...(kind === "steps" ? { paths: stepPaths() } : {}),
          ...(kind === "points" ? { paths: () => null } : {}),
        };
      }),
    ],
    hooks: {
      init: [
        (drawn) => {
          nameSources(drawn, latest.current);
        },
      ],
      draw: [
        (drawn) => {
          const { mark } = latest.current;
          if (mark === undefined) return;
          const x = Math.round(drawn.valToPos(mark, "x", true));
          const { ctx, bbox } = drawn;
          ctx.save();
          ctx.strokeStyle = colour("--text");
          ctx.setLineDash([4, 4]);
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
          ctx.restore();
        },
      ],
    },
  };
}

/** Names the source of each series in the legend; the x axis has the source of the first. */
function nameSources({ root }: uPlot, { series }: ChartProps): void {
  const [first] = series;
  const sources = [first, ...series].map((each) => each?.source ?? "");
  for (const [i, row] of root.querySelectorAll<HTMLElement>(".u-legend .u-series").entries())
    row.title = `Source: ${sources[i] ?? ""}`;
}

/** Bars, those of the second series narrower so that both can be seen. */
function barPaths(place: number): uPlot.Series.PathBuilder {
  const { bars } = uPlot.paths;
  if (!bars) throw new Error("The chart library has no bars.");
  return bars({ size: [place === 0 ? 0.8 : 0.45, 60] });
}

function stepPaths(): uPlot.Series.PathBuilder {
  const { stepped } = uPlot.paths;
  if (!stepped) throw new Error("The chart library has no steps.");
  return stepped({ align: 1 });
}

function useIsDark(): boolean {
  const query = "(prefers-color-scheme: dark)";
  const [isDark, setDark] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => {
      setDark(list.matches);
    };
    list.addEventListener("change", change);
    return () => {
      list.removeEventListener("change", change);
    };
  }, []);
  return isDark;
}
