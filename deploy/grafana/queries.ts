import { boards } from './boards.ts'

export type BoardQuery = { readonly board: string; readonly panel: string; readonly expr: string }

/** Grafana's own: four times between two scrapes, and one at least. */
const RATE_INTERVAL = '1m'

/** Each query of each panel as Prometheus is asked it, with everything chosen that may be. */
export function boardQueries(rateInterval: string = RATE_INTERVAL): readonly BoardQuery[] {
  return boards.flatMap(({ uid, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title, queries }) =>
        queries.map(({ expr }) => ({ board: uid, panel: title, expr: asked(expr, rateInterval) })),
      ),
    ),
  )
}

function asked(expr: string, rateInterval: string): string {
  const whole = expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$partition', '.*')
  if (whole.includes('$')) throw new Error(`${expr}: a variable that nothing stands for`)
  return whole
}
