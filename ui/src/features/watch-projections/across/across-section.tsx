import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { allows } from '../../../api/session.ts'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Notice, ProblemNotice } from '../../../components/notice.tsx'
import { parkedQuery } from '../../../data/flow/parked.ts'
import { useServices, useSession } from '../../../services/app-context.ts'
import { figure } from '../flow/figures.ts'
import { awayIn, hasSeveral } from '../flow/waiting-partitions.ts'
import { type AskedOfParked, ParkedDialog } from './parked-dialog.tsx'
import { ParkedMessages } from './parked-messages.tsx'
import { UnderWay } from './under-way.tsx'

type AcrossProps = { readonly workers: readonly WorkerStatus[] }

/** On a ledger of several partitions: what they wait for of each other, and what they could not handle. */
export function AcrossSection({ workers }: AcrossProps) {
  if (!hasSeveral(workers)) return null
  return (
    <>
      <h2 className="mt-8 mb-3 text-lg font-bold">Payments under way</h2>
      <UnderWay workers={workers} />
      <h2 className="mt-8 mb-3 text-lg font-bold">Parked messages</h2>
      <Parked />
    </>
  )
}

/** Partitions that let the deadlines of others' payments pass: they are away, or cannot be reached. */
export function AwayNotices({ workers }: AcrossProps) {
  return awayIn(workers).map(({ of, partition, overdue, pastDeadlineMs }) => (
    <div key={partition} className="mb-5">
      <Notice tone="warn" title={`Payments wait for partition ${partition}`}>
        <p>
          {overdue === 1 ? '1 is' : `${figure(overdue)} are`} open behind {overdue === 1 ? 'its' : 'their'} deadline,
          the first for {Math.round(pastDeadlineMs / 1000)} s, begun by{' '}
          {of.length === 1 ? `partition ${of[0]}` : `${figure(of.length)} other partitions`}.
        </p>
        <p className="mt-2 text-ink-soft">
          Look at partition {partition} below: is it served, and does anything stand among the parked messages? Once it
          answers, each payment ends by itself, as paid or as expired. Nothing is lost meanwhile.
        </p>
      </Notice>
    </div>
  ))
}

function Parked() {
  const { client } = useServices()
  const session = useSession()
  const { data, error } = useQuery(parkedQuery(client))
  const [asked, setAsked] = useState<AskedOfParked>()
  const mayAct = allows(session, 'platform:operate')
  const list = data?.value
  const kept = list?.counts.reduce((sum, each) => sum + each.kept, 0) ?? 0
  const more = list?.counts.reduce((sum, each) => sum + each.more, 0) ?? 0
  return (
    <>
      {error && !list ? <ProblemNotice tone="warn" problem={problemOfError(error)} /> : null}
      {list && kept === 0 ? (
        <EmptyState title="Nothing is parked">
          Partitions handle all that they tell each other. What one of them cannot handle stands here, with the reason.
        </EmptyState>
      ) : null}
      {list && kept > 0 ? (
        <>
          <p className="mb-3 text-sm text-ink-soft">
            To try one again or to drop it is safe: neither loses money or moves it twice, and whoever still wants
            something asks again.
          </p>
          <ParkedMessages items={list.items} onAsk={mayAct ? setAsked : undefined} />
          {kept > list.items.length || more > 0 ? (
            <p className="mt-2 text-xs text-ink-soft">
              {figure(list.items.length)} of {figure(kept)} are shown
              {more > 0 ? `; ${figure(more)} more came and had no room` : ''}.
            </p>
          ) : null}
        </>
      ) : null}
      {asked ? <ParkedDialog asked={asked} onClose={() => setAsked(undefined)} /> : null}
    </>
  )
}
