import type { Clock } from '@micropay/runtime/clock'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import type { Schedule } from './verify-on-schedule.ts'

const LOOKED_EVERY_MS = 5_000

/** How long ago the log was verified, by whichever process, and what was found. */
export function measureVerification(
  metrics: Metrics | undefined,
  { schedule, clock }: { readonly schedule: Pick<Schedule, 'state'>; readonly clock: Pick<Clock, 'nowMs'> },
): void {
  const startedMs = clock.nowMs()
  metrics?.ask({
    name: 'verification',
    everyMs: LOOKED_EVERY_MS,
    async ask(tell) {
      const { sound, lastAt } = await schedule.state()
      const lastMs = lastAt === null ? startedMs : Date.parse(lastAt)
      tell('micropay_verification_age_seconds', Math.max(0, clock.nowMs() - lastMs) / 1000)
      tell('micropay_verification_sound', sound === false ? 0 : 1)
    },
  })
}
