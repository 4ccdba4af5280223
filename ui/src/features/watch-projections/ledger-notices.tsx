import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { useQuery } from '@tanstack/react-query'
import { Instant } from '../../components/instant.tsx'
import { LastVerified } from '../../components/last-verified.tsx'
import { Notice } from '../../components/notice.tsx'
import { verificationsQuery } from '../../data/audit/verifications.ts'
import { useServices } from '../../services/app-context.ts'

/** What the last verification of the log found; one that cannot be asked for is no verification. */
export function LogVerified() {
  const { client } = useServices()
  const { data, error } = useQuery(verificationsQuery(client))
  return (
    <div className="mb-5">
      {data ? <LastVerified state={data.value} /> : null}
      {error && !data ? <p className="text-sm text-bad">Whether the log is sound is unknown: nobody says it.</p> : null}
    </div>
  )
}

type WorkersProps = { readonly workers: readonly WorkerStatus[] }

/** What somebody should look at: stopped partitions, records that were changed, states that were not to be believed. */
export function WorkerNotices({ workers }: WorkersProps) {
  return (
    <>
      <StoppedNotices workers={workers} />
      <ChangedNotices workers={workers} />
      <DiscardedNotices workers={workers} />
    </>
  )
}

/** Partitions of which nothing is decided until a person has acted: what was found, and what to do about it. */
function StoppedNotices({ workers }: WorkersProps) {
  return workers
    .filter(({ stopped }) => stopped !== null)
    .map(({ worker, partition, stopped }) => (
      <div key={`${worker}/${partition}`} className="mb-5">
        <Notice tone="bad" title={`Partition ${partition} is stopped: nothing is decided there`}>
          <p>{stopped}</p>
          <p className="mt-2 text-ink-soft">
            First keep the log and its disks as they are. Where the log can be restored, or a clock was wrong, put that
            right: the worker sees it and goes on by itself. Otherwise <code>npx pnpm@12 micropay resume</code> shows on
            the machine what would be lost, and goes on from what the log holds now.
          </p>
        </Notice>
      </div>
    ))
}

/** Records that were changed in front of what all have read: what the workers and read models hold is right. */
function ChangedNotices({ workers }: WorkersProps) {
  return workers.map(({ worker, partition, recordChanged }) =>
    recordChanged ? (
      <div key={`${worker}/${partition}`} className="mb-5">
        <Notice tone="bad" title={`The log of partition ${partition} was changed in front of what has been read`}>
          <p>
            <Instant at={recordChanged.at} />, worker {worker}: {recordChanged.reason}
          </p>
          <p className="mt-2 text-ink-soft">
            What is shown is right, and payments go on; a payment whose record was changed cannot be given back. Restore
            that record from a copy of the log, and do neither resume nor rebuild: the records behind it are good.
          </p>
        </Notice>
      </div>
    ) : null,
  )
}

/** States on disk that were thrown away and folded anew from the log: when, and what gave them away. */
function DiscardedNotices({ workers }: WorkersProps) {
  return workers.map(({ worker, partition, stateDiscarded }) =>
    stateDiscarded === null ? null : (
      <div key={`${worker}/${partition}`} className="mb-5">
        <Notice tone="warn" title={`The state of partition ${partition} was thrown away, and folded anew from the log`}>
          <p>
            <Instant at={stateDiscarded.at} />, worker {worker}: {stateDiscarded.reason}
          </p>
          <p className="mt-2 text-ink-soft">
            The partition is served from what the log says. After a power failure, or with a bad disk, that is all there
            is to it; otherwise somebody changed the file, and should be found. The state that was thrown away is kept
            beside the new one, in a directory that ends in <code>-discarded</code>. This stands here until the worker
            is started again.
          </p>
        </Notice>
      </div>
    ),
  )
}
