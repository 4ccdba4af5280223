import type { ClosedAt } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import { LockIcon } from './icons.tsx'

/** Says that figures are sealed, and by which closing; nothing where they are open. */
export function ClosedNote({ closed }: { readonly closed: ClosedAt | null | undefined }) {
  if (!closed) return null
  const { periodId, position } = closed
  return (
    <p className="mb-5 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      <LockIcon className="size-4 text-good" />
      <span className="font-semibold">Closed at position {position}.</span>
      <Link to="/periods/$periodId" params={{ periodId }} className="text-accent underline underline-offset-4">
        Period {periodId}
      </Link>
    </p>
  )
}
