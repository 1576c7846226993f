import type { VNode } from "preact";
import type { DeskTranslate } from "../../i18n/desk/translate";
import type { PersonQuality, QualityMinute, QualityReport } from "../../state/desk/model";
import { clock } from "./times";

interface Props {
  readonly report: QualityReport | null;
  readonly failed: boolean;
  readonly locale: string;
  readonly t: DeskTranslate;
}

/** What everyone's connection was like: a plot for each, and the same as a table. */
export function QualityPanel({ report, failed, locale, t }: Props): VNode {
  const measured = report?.people.filter((person) => person.minutes.length > 0) ?? [];
  return (
    <div class="quality">
      <p class="announced" role="status">
        {failed ? t("quality.failed") : report === null ? t("quality.loading") : !report.measured ? t("quality.not_measured") : measured.length === 0 ? t("quality.none") : null}
      </p>
      {measured.map((person) => (
        <PersonPlot key={person.id} person={person} locale={locale} t={t} />
      ))}
    </div>
  );
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [360, 132, 30, 14, 22];

/** Half as high again as the longest round trip, in steps that read well; at least 100 ms. */
function top(minutes: readonly QualityMinute[]): number {
  const longest = Math.max(0, ...minutes.map((one) => one.roundTripMs ?? 0));
  return Math.max(100, Math.ceil(longest / 100) * 100);
}

function PersonPlot({ person, locale, t }: { readonly person: PersonQuality } & Pick<Props, "locale" | "t">): VNode {
  const { minutes } = person;
  const name = person.name ?? person.id;
  const count = (worst: QualityMinute["worst"]): number => minutes.filter((one) => one.worst === worst).length;
  const first = minutes[0]?.minute ?? 0;
  const last = minutes.at(-1)?.minute ?? first;
  const slots = Math.round((last - first) / 60_000) + 1;
  const width = (WIDTH - LEFT) / slots;
  const x = (one: QualityMinute): number => LEFT + ((one.minute - first) / 60_000) * width;
  const highest = top(minutes);
  const y = (ms: number): number => TOP + (HEIGHT - BOTTOM - TOP) * (1 - ms / highest);
  const points = minutes.flatMap((one) => (one.roundTripMs === null ? [] : [`${(x(one) + width / 2).toFixed(1)},${y(one.roundTripMs).toFixed(1)}`]));
  const floor = HEIGHT - BOTTOM + 4;
  return (
    <figure class="plot">
      <figcaption>
        <bdi>{name}</bdi>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 14}`} role="img" aria-label={t("quality.plot", { name, good: count("good"), weak: count("weak"), lost: count("lost") })}>
        <text class="plot-text" x={LEFT + 4} y={10}>
          {t("quality.round_trip")}
        </text>
        {[0, highest / 2, highest].map((ms) => (
          <g key={ms}>
            <path class="plot-line" d={`M${LEFT} ${y(ms)}H${WIDTH}`} />
            <text class="plot-text" x={LEFT - 6} y={y(ms) + 4} text-anchor="end">
              {ms}
            </text>
          </g>
        ))}
        {minutes.map((one) => (
          // Height, and not only colour, tells how bad it was.
          <rect key={one.minute} class={`plot-${one.worst}`} x={x(one).toFixed(1)} y={floor + (one.worst === "good" ? 6 : one.worst === "weak" ? 3 : 0)} width={Math.max(1, width - 1).toFixed(1)} height={one.worst === "good" ? 4 : one.worst === "weak" ? 7 : 10} />
        ))}
        <polyline class="plot-curve" points={points.join(" ")} />
        <text class="plot-text" x={LEFT} y={HEIGHT + 11}>
          {clock(locale, first)}
        </text>
        <text class="plot-text" x={WIDTH} y={HEIGHT + 11} text-anchor="end">
          {clock(locale, last)}
        </text>
      </svg>
      <details>
        <summary>{t("quality.table")}</summary>
        <div class="table-scroll" tabIndex={0} role="region" aria-label={name}>
          <table>
            <thead>
              <tr>
                {(["minute", "worst", "round_trip", "loss", "uplink", "downlink"] as const).map((column) => (
                  <th key={column} scope="col">
                    {t(`quality.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {minutes.map((one) => (
                <tr key={one.minute}>
                  <th scope="row">{clock(locale, one.minute)}</th>
                  <td>{t(`quality.${one.worst}`)}</td>
                  {[one.roundTripMs, one.lossPercent, one.uplinkKbps, one.downlinkKbps].map((figure, index) => (
                    <td key={index}>{figure ?? "–"}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
