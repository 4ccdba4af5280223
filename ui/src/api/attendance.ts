const UNATTENDED_AFTER_MS = 60_000
const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll'] as const

/**
 * Whether somebody was before the page within the last minute. What it asks by itself after that does not keep a
 * session alive that was left open.
 */
export function watchAttendance(page: EventTarget, nowMs: () => number): () => boolean {
  let lastMs = nowMs()
  const note = () => {
    lastMs = nowMs()
  }
  for (const sign of signs) page.addEventListener(sign, note, { capture: true, passive: true })
  return () => nowMs() - lastMs < UNATTENDED_AFTER_MS
}
