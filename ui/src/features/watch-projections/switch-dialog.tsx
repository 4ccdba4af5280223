import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../api/problem.ts'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { ProblemNotice } from '../../components/notice.tsx'
import { projectionsKey } from '../../data/flow/list-projections.ts'
import { rebuildProjection } from '../../data/flow/rebuild-projection.ts'
import { rollBackProjection } from '../../data/flow/roll-back-projection.ts'
import { useServices } from '../../services/app-context.ts'
import type { Switch } from './services.ts'

export type Asked = Required<Pick<Switch, 'service' | 'what'>>
type SwitchDialogProps = {
  readonly asked: Asked
  readonly onStarted: (begun: Switch) => void
  readonly onClose: () => void
}

const words = {
  rebuild: {
    title: 'Rebuild',
    confirm: 'Start rebuild',
    effect:
      'The read model is built anew from the first entry of the log, beside the one in use, and takes its place ' +
      'when it has caught up. Reads go on meanwhile; the database works harder until it is done.',
  },
  rollback: {
    title: 'Go back to the version before of',
    confirm: 'Start rollback',
    effect:
      'The version that was in use before catches up with the log, and then takes the place of the one in use. ' +
      'Reads go on meanwhile and never go back in time.',
  },
} as const

/** Asks once before another version of a read model takes over; the one in use keeps answering meanwhile. */
export function SwitchDialog({ asked, onStarted, onClose }: SwitchDialogProps) {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const [key] = useState(clock.newKey)
  const { service, what } = asked
  const start = useMutation({
    mutationFn: () => (what === 'rebuild' ? rebuildProjection : rollBackProjection)(client, service, key),
    onSuccess: ({ value }) => {
      onStarted({ service, what, schema: value.schema })
      void cache.invalidateQueries({ queryKey: projectionsKey })
      onClose()
    },
  })
  const { title, confirm, effect } = words[what]
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`${title} ${service}?`}
      effect={effect}
      confirm={confirm}
      busy={start.isPending}
      onConfirm={() => start.mutate()}
    >
      {start.error ? <ProblemNotice problem={problemOfError(start.error)} /> : null}
    </ConfirmDialog>
  )
}
