import { createHash } from 'node:crypto'

/**
 * Virtual time: what is due is done one after the other, and between two of them everything that waits on promises
 * alone gets on as far as it can. Nothing else moves, so a run is a function of its seed.
 */
export type Scheduler = {
  /** Milliseconds since the world began in which things happened. */
  nowMs(): number
  /** The true time since then, rests among it, which no process sees. */
  trueMs(): number
  /** For so long nothing happens at all; the clocks of machines and logs go on. */
  rest(ms: number): void
  after(delayMs: number, label: string, work: () => void): Task
  /** Adds a line to the trace. */
  note(line: string): void
  /** Does what is due until `isOver`, or until nothing is left. */
  run(isOver: () => boolean): Promise<void>
  /** SHA-256 over every event and every note so far. */
  traceHash(): string
  events(): number
}

export type Task = { cancel(): void }

type Due = { readonly atMs: number; readonly order: number; readonly label: string; work: (() => void) | undefined }

/** Each call of the hash costs as much as some thousand characters. */
const HASHED_AT_A_TIME = 32_768

/** `onLine` is told every line of the trace. */
export function createScheduler(onLine?: (line: string) => void): Scheduler {
  const trace = createHash('sha256')
  const queue = createQueue()
  let [nowMs, restedMs] = [0, 0]
  let order = 0
  let events = 0
  let unhashed = ''
  const hashAll = () => {
    trace.update(unhashed)
    unhashed = ''
  }
  const note = (line: string) => {
    const stamped = `${nowMs.toFixed(3)} ${line}\n`
    unhashed += stamped
    if (unhashed.length > HASHED_AT_A_TIME) hashAll()
    onLine?.(stamped)
  }
  return {
    nowMs: () => nowMs,
    trueMs: () => nowMs + restedMs,
    rest(ms) {
      restedMs += ms
    },
    after(delayMs, label, work) {
      order += 1
      const due: Due = { atMs: nowMs + Math.max(0, delayMs), order, label, work }
      queue.add(due)
      return {
        cancel: () => {
          due.work = undefined
        },
      }
    },
    note,
    run: (isOver) =>
      eachSettled(() => {
        if (isOver()) return false
        let due = queue.take()
        while (due !== undefined && due.work === undefined) due = queue.take()
        if (due?.work === undefined) return false
        nowMs = due.atMs
        events += 1
        note(due.label)
        due.work()
        return true
      }),
    traceHash() {
      hashAll()
      return trace.copy().digest('hex')
    },
    events: () => events,
  }
}

/** Steps while `step` says so: each begins only when no promise's callback is left of the one before. */
function eachSettled(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let goesOn = true
    const next = () => {
      if (!goesOn) return
      try {
        goesOn = step()
      } catch (error) {
        goesOn = false
        reject(error)
      }
    }
    // Node does what promises wait for between two immediates, and a turn of its loop costs more than most steps.
    const turn = () => {
      if (!goesOn) return resolve()
      for (let count = 0; count < STEPS_A_TURN; count += 1) setImmediate(next)
      setImmediate(turn)
    }
    turn()
  })
}

const STEPS_A_TURN = 100

/** A binary heap: what is due first is taken first, and what was added first of two at the same time. */
function createQueue() {
  const heap: Due[] = []
  const isBefore = (one: Due, other: Due) =>
    one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
  const at = (index: number) => heap[index] as Due
  const swap = (one: number, other: number) => {
    const kept = at(one)
    heap[one] = at(other)
    heap[other] = kept
  }
  return {
    add(due: Due): void {
      heap.push(due)
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1
        if (!isBefore(at(child), at(parent))) return
        swap(child, parent)
        child = parent
      }
    },
    take(): Due | undefined {
      const [first] = heap
      const last = heap.pop()
      if (first === undefined || last === undefined || heap.length === 0) return first
      heap[0] = last
      for (let parent = 0; ; ) {
        const left = 2 * parent + 1
        if (left >= heap.length) return first
        const child = left + 1 < heap.length && isBefore(at(left + 1), at(left)) ? left + 1 : left
        if (!isBefore(at(child), at(parent))) return first
        swap(child, parent)
        parent = child
      }
    },
  }
}
