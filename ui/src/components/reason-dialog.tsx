import { type ReactNode, useState } from 'react'
import type { FailedIntent } from '../api/idempotent-intent.ts'
import { useIntent } from '../services/use-intent.ts'
import { Button } from './button.tsx'
import { CommandProblem } from './command-problem.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { TextField } from './field.tsx'

type ReasonDialogProps<Request> = {
  /** On the button that opens it. */
  readonly ask: string
  readonly title: string
  /** What will happen, in a sentence. */
  readonly effect: ReactNode
  readonly confirm: string
  /** What is said where no reason is given. */
  readonly missing: string
  readonly hint: string
  readonly requestFor: (reason: string) => Request
  readonly send: (request: Request, key: string) => Promise<unknown>
  readonly onDone: () => void
  readonly whatToDo?: (failure: FailedIntent<unknown>) => ReactNode
}

/** Asks for something that others will feel, which needs a reason; where it waits for a second person, it says that. */
export function ReasonDialog<Request>(props: ReasonDialogProps<Request>) {
  const { ask, title, effect, confirm, missing, hint, requestFor, send, onDone, whatToDo } = props
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const { submit, failure, isPending } = useIntent(send, () => {
    setAsking(false)
    onDone()
  })
  const trimmed = reason.trim()
  if (failure?.kind === 'waiting') return <CommandProblem failure={failure} />
  return (
    <>
      <Button look="secondary" onClick={() => setAsking(true)}>
        {ask}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={title}
        effect={effect}
        confirm={confirm}
        danger
        busy={isPending}
        onConfirm={() => {
          setTried(true)
          if (trimmed !== '') submit(requestFor(trimmed))
        }}
      >
        <TextField
          label="Reason"
          maxLength={500}
          value={reason}
          error={tried && trimmed === '' ? missing : undefined}
          onChange={setReason}
          hint={hint}
        />
        {failure ? <CommandProblem failure={failure} action={whatToDo?.(failure)} /> : null}
      </ConfirmDialog>
    </>
  )
}

/** Under a reason that goes to a second person. */
export const approverReadsIt = 'Whoever approves it reads this, and it stays in the ledger.'
