import type { ParkedMessage } from '@micropay/schemas/api/parked'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx'
import { TextField } from '../../../components/field.tsx'
import { ProblemNotice } from '../../../components/notice.tsx'
import { useToast } from '../../../components/toasts.tsx'
import { dropParked, parkedKey, retryParked } from '../../../data/flow/parked.ts'
import { useServices } from '../../../services/app-context.ts'

export type AskedOfParked = { readonly what: 'retry' | 'drop'; readonly item: ParkedMessage }
type ParkedDialogProps = { readonly asked: AskedOfParked; readonly onClose: () => void }

/** Asks once before a parked message is tried again or given up, and says why either is safe. */
export function ParkedDialog({ asked, onClose }: ParkedDialogProps) {
  return asked.what === 'retry' ? (
    <RetryDialog item={asked.item} onClose={onClose} />
  ) : (
    <DropDialog item={asked.item} onClose={onClose} />
  )
}

type OfItem = { readonly item: ParkedMessage; readonly onClose: () => void }

function RetryDialog({ item, onClose }: OfItem) {
  const { client, clock } = useServices()
  const toast = useToast()
  const [key] = useState(clock.newKey)
  const done = useDone(onClose)
  const retry = useMutation({
    mutationFn: () => retryParked(client, item.id, key),
    onSuccess: ({ value }) => {
      if (value.refusedAgain) toast('Refused again', `Partition ${value.partition} parks it anew: drop it.`)
      else toast('Sent again', `It is on its way to partition ${value.partition}.`)
      done()
    },
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Send it to partition ${item.partition} again?`}
      effect={
        item.fromLedger
          ? 'It is taken if its sender still says so. Nothing happens twice by it: who did it already answers the same.'
          : 'No worker of this ledger wrote it, so it is refused again, and parked anew. Drop it instead.'
      }
      confirm="Try again"
      busy={retry.isPending}
      onConfirm={() => retry.mutate()}
    >
      {retry.error ? <ProblemNotice problem={problemOfError(retry.error)} /> : null}
    </ConfirmDialog>
  )
}

function DropDialog({ item, onClose }: OfItem) {
  const { client, clock } = useServices()
  const toast = useToast()
  const [key] = useState(clock.newKey)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const done = useDone(onClose)
  const drop = useMutation({
    mutationFn: () => dropParked(client, item.id, reason.trim(), key),
    onSuccess: () => {
      toast('Dropped', `Partition ${item.partition} is done with it.`)
      done()
    },
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Drop this message?"
      effect="It is gone for good. No money is lost: whoever still wants something of this partition asks again."
      confirm="Drop it"
      danger
      busy={drop.isPending}
      onConfirm={() => {
        setTried(true)
        if (reason.trim() !== '') drop.mutate()
      }}
    >
      <TextField
        label="Reason"
        maxLength={200}
        value={reason}
        error={tried && reason.trim() === '' ? 'Say why it is dropped.' : undefined}
        onChange={setReason}
        hint="It stands in the log of the worker, with your name."
      />
      {drop.error ? <ProblemNotice problem={problemOfError(drop.error)} /> : null}
    </ConfirmDialog>
  )
}

/** What is listed is asked anew, and the dialog closes. */
function useDone(onClose: () => void): () => void {
  const cache = useQueryClient()
  return () => {
    void cache.invalidateQueries({ queryKey: parkedKey })
    onClose()
  }
}
