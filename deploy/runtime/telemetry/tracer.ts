import type { SpanName } from './spans.ts'

/**
 * One part of a trace, which whoever has work done for it begins and ends. Nothing of it may hold what is personal:
 * names, texts and amounts stay in the ledger.
 */
export type TraceSpan = {
  /** What its children are given, as W3C Trace Context has it. */
  readonly traceparent: string
  set(attributes: SpanAttributes): void
  /** Where its title is known only later. */
  name(title: string): void
  /** `failure` says what went wrong; `endMs` is by the monotonic clock, now unless given. */
  end(failure?: string, endMs?: number): void
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export type SpanOptions = {
  /** Instead of the one that the table of spans has. */
  readonly title?: string
  readonly attributes?: SpanAttributes
  /** By the monotonic clock of this process; now unless given. */
  readonly sinceMs?: number
  /** Traceparents of spans that it belongs together with. */
  readonly links?: readonly string[]
}

export type Tracer = {
  /** Undefined where its trace is not recorded. */
  start(name: SpanName, parent: string | undefined, options: SpanOptions): TraceSpan | undefined
  /** Of a request that comes in: says whether its trace is recorded, and what the rest of its way is given. */
  enter(parent: string | undefined): { readonly traceparent: string; readonly span: TraceSpan | undefined }
  counts(): TraceCounts
  close(): Promise<void>
}

/** How many spans were handed over, how many were lost since nobody took them, and how many wait. */
export type TraceCounts = { readonly exported: number; readonly dropped: number; readonly waiting: number }
