import type { VerificationState } from '@micropay/schemas/api/audit'
import { Instant } from './instant.tsx'
import { Notice } from './notice.tsx'

/**
 * When the log was last verified, and what that found: in red where it is not sound, and in yellow where nobody has
 * looked for longer than was meant.
 */
export function LastVerified({ state }: { readonly state: VerificationState }) {
  const { sound, finding, lastAt, overdue } = state
  const at = lastAt === null ? null : <Instant at={lastAt} />
  if (sound === false) {
    return (
      <Notice tone="bad" title="The log is NOT sound">
        <p>
          Verified {at}: {finding}.
        </p>
        <p className="mt-1 text-ink-soft">
          Keep the log and its disks as they are. <code>npx pnpm@12 micropay verify</code> shows all that is wrong.
        </p>
      </Notice>
    )
  }
  if (at === null) return <p className="text-sm text-ink-soft">The log was not verified yet.</p>
  if (overdue) {
    return (
      <Notice tone="warn" title="The log was not verified for long">
        It was sound when it was last verified, {at}.
      </Notice>
    )
  }
  return <p className="text-sm text-ink-soft">The log was last verified {at}: sound.</p>
}
