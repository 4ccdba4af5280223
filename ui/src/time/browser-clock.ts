/** The browser's time and chance in one place, so that what depends on them can be run again with the same answers. */
export type BrowserClock = {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number
  /** A name for one intent, unique for ever. */
  newKey(): string
  /** Calls back once after that long; the answer cancels it. */
  after(durationMs: number, callback: () => void): () => void
  /** Calls back again and again; the answer ends it. */
  every(periodMs: number, callback: () => void): () => void
}

export const browserClock: BrowserClock = {
  nowMs: () => Date.now(),
  newKey: randomKey,
  after: (durationMs, callback) => {
    const timer = setTimeout(callback, durationMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
}

/** `randomUUID` exists in secure contexts alone; plain HTTP on a local network is none. */
function randomKey(): string {
  if (window.isSecureContext) return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
