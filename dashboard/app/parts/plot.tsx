import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

/** A line of a plot. Its color is a custom property of the styles. */
export interface Line {
  label: string;
  color: string;
  values: (number | null)[];
}

const HEIGHT = 190;

/** Lines over time. Screen readers read `summary` instead. */
export function Plot({ title, summary, times, lines, format }: {
  title: string;
  summary: string;
  /** Seconds since 1970. */
  times: number[];
  lines: Line[];
  format: (value: number) => string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = [times, ...lines.map((line) => line.values)] as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const shape = lines.map((line) => line.label).join();

  useEffect(() => {
    const element = place.current!;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element, lines, format), latest.current, element);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT })
    );
    resized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      scheme.removeEventListener("change", draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [times, lines]);

  return (
    <figure>
      <figcaption>
        <span>{title}</span>
        <span class="legend">
          {lines.map((line) => (
            <span key={line.label} class={`key ${line.color}`}>{line.label}</span>
          ))}
        </span>
      </figcaption>
      <div class="plot" role="img" aria-label={summary} ref={place} />
    </figure>
  );
}

function optionsFor(
  element: HTMLElement,
  lines: Line[],
  format: (value: number) => string,
): uPlot.Options {
  const styles = getComputedStyle(element);
  const color = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: color("quiet"),
    grid: { stroke: color("line"), width: 1 },
    ticks: { stroke: color("line"), width: 1 },
    font: "12px system-ui",
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [{ ...axis, values: (_plot, ticks) => ticks.map(timeOfDay) }, {
      ...axis,
      size: 64,
      values: (_plot, ticks) => ticks.map(format),
    }],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(line.color),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { timeStyle: "short" });
}
