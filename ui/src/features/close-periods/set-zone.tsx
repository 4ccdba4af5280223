import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { useToast } from '../../components/toasts.tsx'
import { ZoneField } from '../../components/zone-field.tsx'
import { periodsKey, setZone } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'
import { usualZone } from '../../time/reporting-zone.ts'

/** Chooses the zone in whose days periods are closed; what is closed stays as it was. */
export function SetZone({ zone }: { readonly zone: string }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const [chosen, setChosen] = useState(zone)
  const set = useIntent(
    (request: string, key) => setZone(client, request, key),
    () => {
      toast('Time zone set', `Periods are closed in days of ${chosen}.`)
      void cache.invalidateQueries({ queryKey: periodsKey })
      setAsking(false)
    },
  )
  if (set.failure?.kind === 'waiting') return <CommandProblem failure={set.failure} />
  return (
    <>
      <Button
        look="secondary"
        onClick={() => {
          setChosen(zone)
          setAsking(true)
        }}
      >
        Change time zone
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="In whose days are periods closed?"
        effect={
          `From now on a day of the ledger begins at midnight in ${chosen}: for value dates and the next period. ` +
          'Periods that are closed stay as they were sealed.'
        }
        confirm="Set the time zone"
        busy={set.isPending}
        disabled={chosen === zone}
        onConfirm={() => set.submit(chosen)}
      >
        <ZoneField label="Time zone of the ledger" value={chosen} onChange={(next = usualZone) => setChosen(next)} />
        {set.failure ? <CommandProblem failure={set.failure} /> : null}
      </ConfirmDialog>
    </>
  )
}
