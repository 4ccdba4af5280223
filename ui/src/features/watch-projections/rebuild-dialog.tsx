import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { projectionsKey } from '../../api/list-projections.ts'
import { problemOfError } from '../../api/problem.ts'
import { rebuildProjection } from '../../api/rebuild-projection.ts'
import { useServices } from '../../app/app-context.ts'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { ProblemNotice } from '../../components/notice.tsx'
import { useToast } from '../../components/toasts.tsx'

type RebuildDialogProps = { readonly service: string; readonly onClose: () => void }

/** Asks once before a read model is built anew; the one in use keeps answering meanwhile. */
export function RebuildDialog({ service, onClose }: RebuildDialogProps) {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [key] = useState(clock.newKey)
  const rebuild = useMutation({
    mutationFn: () => rebuildProjection(client, service, key),
    onSuccess: ({ value }) => {
      toast('Rebuild started', `It is built in the schema ${value.schema}.`)
      void cache.invalidateQueries({ queryKey: projectionsKey })
      onClose()
    },
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Rebuild ${service}?`}
      effect="The read model is built anew from the first entry of the log, beside the one in use, and takes its place when it has caught up. Reads go on meanwhile; the database works harder until it is done."
      confirm="Start rebuild"
      busy={rebuild.isPending}
      onConfirm={() => rebuild.mutate()}
    >
      {rebuild.error ? <ProblemNotice problem={problemOfError(rebuild.error)} /> : null}
    </ConfirmDialog>
  )
}
