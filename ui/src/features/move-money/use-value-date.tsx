import type { Account } from '@micropay/schemas/api/account'
import type { Problem } from '@micropay/schemas/api/problem'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldErrorOf } from '../../api/problem.ts'
import { allows } from '../../api/session.ts'
import { DayField } from '../../components/day-field.tsx'
import { periodsQuery } from '../../data/periods/periods.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { dayIn, usualZone } from '../../time/reporting-zone.ts'
import { countingOn, earliestDay, openDaysWords } from './value-day.ts'

/**
 * The day on which staff let a payment between those accounts count. The field tells which days are open, and takes
 * any: the ledger judges, and its refusal stands at the field. Others than staff pay now, and get no field.
 */
export function useValueDate(accounts: readonly (Account | undefined)[]) {
  const { client, clock } = useServices()
  const isOffered = allows(useSession(), 'payments:book')
  const periods = useQuery({ ...periodsQuery(client), enabled: isOffered }).data?.value
  const [day, setDay] = useState<string>()
  const zone = periods?.zone ?? usualZone
  const today = dayIn(zone, clock.nowMs())
  const opened = accounts.flatMap((account) => {
    return account?.openedOn ? [{ accountId: account.accountId, openedOn: account.openedOn }] : []
  })
  const open = { zone, today, firstOpenDay: periods?.firstOpenDay ?? null, opened }
  return {
    /** Undefined where it counts now. */
    day: day === today ? undefined : day,
    clear: () => setDay(undefined),
    countingOn: <Request extends { readonly effectiveAt?: string }>(request: Request) => countingOn(request, day, open),
    fieldWith: (problem: Problem | undefined, onChange: () => void) =>
      isOffered ? (
        <DayField
          label="Value date"
          optional
          value={day}
          min={earliestDay(open)?.day}
          max={today}
          onChange={(next) => {
            setDay(next)
            onChange()
          }}
          error={fieldErrorOf(problem, '/effectiveAt')}
          hint={periods ? openDaysWords(open) : 'Left empty, it counts now.'}
        />
      ) : null,
  }
}
