import type { HistogramName, LabelsOf, metrics, ReadName } from './metrics.ts'

/** Says a figure of now. */
export type Tell = <Name extends ReadName>(
  name: Name,
  value: number,
  ...labels: (typeof metrics)[Name]['labels'] extends readonly [] ? [] : [LabelsOf<Name>]
) => void

/** What a process measures; made by whoever opens a service, and handed to what there is to measure. */
export type Metrics = {
  /** To be told in seconds how long each thing of a kind took. */
  timed<Name extends HistogramName>(name: Name): (seconds: number, labels: LabelsOf<Name>) => void
  /** Called at each scrape for figures that are at hand. */
  read(source: (tell: Tell) => void): void
  /**
   * For figures that have to be asked for: at a scrape, `everyMs` apart at least, and kept in between. Where that fails
   * for a while they are left out, and `micropay_metrics_source_up` says so.
   */
  ask(source: AskedSource): void
  /** Where they can be scraped; undefined while the port cannot be had. */
  url(): string | undefined
  /** Why nobody can scrape them. */
  trouble(): string | undefined
  close(): Promise<void>
}

export type AskedSource = {
  readonly name: string
  readonly everyMs: number
  readonly ask: (tell: Tell) => Promise<void>
}

/** One figure of a metric. */
export type Told = {
  readonly name: ReadName
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
}
