/** What is known of one metric; its name is its key in the table. */
export type Metric = {
  /** A counter only rises, and begins anew at 0 with its process. */
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Which services have it. */
  readonly of: 'all' | readonly ServiceKind[]
  /** When it is told; without it, always. */
  readonly where?: string | undefined
  readonly means: string
}

/** The services as Prometheus calls them (its label `job`), and of which kinds each is. */
export const measuredServices = {
  gateway: ['gateway'],
  'write-side': ['write-side'],
  accounts: ['read-side'],
  reconciliation: ['read-side', 'reconciliation'],
  audit: ['read-side', 'audit'],
  'accounts-projection': ['projection'],
  'reconciliation-projection': ['projection'],
  'audit-projection': ['projection'],
} as const satisfies Readonly<Record<string, readonly ServiceKind[]>>

export type MeasuredService = keyof typeof measuredServices
export type ServiceKind = 'gateway' | 'write-side' | 'read-side' | 'reconciliation' | 'audit' | 'projection'

type Row<Kind extends Metric['kind'], Labels> = {
  readonly kind: Kind
  readonly labels: Labels
  readonly means: string
  readonly where: string | undefined
}

/** Of a kind, with these labels; what it means is one text, in as many lines as it takes. */
const rowOf =
  <Kind extends Metric['kind']>(kind: Kind) =>
  <const Labels extends readonly string[]>(
    labels: Labels,
    means: string | readonly string[],
    where?: string,
  ): Row<Kind, Labels> => ({ kind, labels, means: typeof means === 'string' ? means : means.join(' '), where })

export const counter = rowOf('counter')
export const gauge = rowOf('gauge')
export const histogram = rowOf('histogram')

/** The same rows, of these services. */
export function of<Rows extends Readonly<Record<string, Row<Metric['kind'], readonly string[]>>>>(
  services: Metric['of'],
  rows: Rows,
): { readonly [Name in keyof Rows]: Rows[Name] & { readonly of: Metric['of'] } } {
  const named = Object.entries(rows).map(([name, row]) => [name, { ...row, of: services }])
  return Object.fromEntries(named)
}

/**
 * The upper ends of what histograms tell apart, in seconds: a share of what was faster than one of these is exact. The
 * longest is what a caller may wait for the outcome of a payment.
 */
export const secondsBuckets: readonly number[] = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10, 30],
]
