import { type Clock, systemClock } from '@micropay/runtime/clock'

export type Progress = {
  /** Says how many are done by now. */
  advance(done: number): void
  /** Says why nothing moves right now. */
  wait(reason: string): void
  end(): void
}
export type Terminal = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown }

const barCells = 28
const redrawMs = 80
const lineMs = 2_000
/** Sooner than that, a rate says more about the clock than about the work. */
const rateAfterMs = 500

/** One line that redraws itself on a terminal, and a line now and then where there is none (a log file, a pipe). */
export function showProgress(out: Terminal, title: string, total: number, clock: Clock = systemClock): Progress {
  const startedAt = clock.monotonicMs()
  const isTerminal = out.isTTY === true
  let shownAt = Number.NEGATIVE_INFINITY
  let done = 0
  const draw = (note?: string) => {
    shownAt = clock.monotonicMs()
    const spentMs = shownAt - startedAt
    const rate = spentMs >= rateAfterMs ? Math.round((done * 1000) / spentMs) : undefined
    const text = progressText({ title, done, total, rate, note }, isTerminal)
    out.write(isTerminal ? `\r\x1b[2K${text.slice(0, (out.columns ?? 80) - 1)}` : `${text}\n`)
  }
  const isDue = () => clock.monotonicMs() - shownAt >= (isTerminal ? redrawMs : lineMs)
  return {
    advance: (now) => {
      done = now
      if (isDue()) draw()
    },
    wait: (reason) => {
      if (isDue()) draw(`waiting: ${reason}`)
    },
    end: () => {
      draw()
      if (isTerminal) out.write('\n')
    },
  }
}

export type ProgressState = {
  title: string
  done: number
  total: number
  /** So many a second, once that can be told. */
  rate: number | undefined
  note?: string | undefined
}

/** `payments ██████░░░░  60 %  28,198 of 46,997  6,012/s`, without the bar outside a terminal. */
export function progressText({ title, done, total, rate, note }: ProgressState, withBar: boolean): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const full = Math.floor(share * barCells)
  const bar = withBar ? `${'█'.repeat(full)}${'░'.repeat(barCells - full)} ` : ''
  const percent = `${Math.floor(share * 100)}`.padStart(3)
  const counts = `${count(done)} of ${count(total)}`
  const parts = [`${title} ${bar}${percent} %`, counts, rate === undefined ? undefined : `${count(rate)}/s`, note]
  return parts.filter((part) => part !== undefined).join('  ')
}

export function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** `1 claim`, `2 claims`. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}
