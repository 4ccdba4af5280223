import type { FailedIntent } from '../../../api/idempotent-intent.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { CommandProblem } from '../../../components/command-problem.tsx'
import { Notice } from '../../../components/notice.tsx'

type RefundWaitsProps = {
  readonly failure: FailedIntent<unknown> | undefined
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onChange: () => void
}

/** Where a refund needs a second person: nothing moves before somebody else has approved it. */
export function RefundWaits({ failure, busy, onConfirm, onChange }: RefundWaitsProps) {
  return (
    <Card className="space-y-5 p-5 sm:p-6">
      {failure ? (
        <CommandProblem failure={failure} />
      ) : (
        <Notice tone="warn" title="This needs a second person">
          Once you confirm, it waits until somebody else approves it. No money moves before.
        </Notice>
      )}
      <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
        <Button look="secondary" onClick={onChange}>
          Change
        </Button>
        {failure ? null : (
          <Button busy={busy} onClick={onConfirm}>
            Ask for the refund
          </Button>
        )}
      </div>
    </Card>
  )
}
