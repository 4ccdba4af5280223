import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { Badge } from '../../../components/badge.tsx'
import { Card } from '../../../components/card.tsx'
import { Cell, type Column, Table } from '../../../components/table.tsx'
import { duration, figure } from '../flow/figures.ts'
import { openIn, type Waiting, waitingIn } from '../flow/waiting-partitions.ts'

const columns: readonly Column[] = [
  { name: 'Partition' },
  { name: 'Waits for' },
  { name: 'Open', align: 'right' },
  { name: 'Oldest', align: 'right' },
]

/** Each partition may wait for all others. */
const MOST_ROWS = 20

const rows: Record<Waiting['tone'], string | undefined> = { plain: undefined, warn: 'bg-warn-wash', bad: 'bg-bad-wash' }

/** Payments across partitions that are not over: how many, how old, and which partition they wait for. */
export function UnderWay({ workers }: { readonly workers: readonly WorkerStatus[] }) {
  const { open, oldestMs } = openIn(workers)
  const waiting = waitingIn(workers)
  return (
    <>
      <p className="mb-3 text-sm text-ink-soft">
        {open === 0 ? 'None is open.' : `${figure(open)} open, the oldest for ${ageOf(oldestMs)}.`}
      </p>
      {waiting.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="Payments under way" columns={columns}>
            {waiting.slice(0, MOST_ROWS).map((each) => (
              <tr key={`${each.of}/${each.partition}`} className={rows[each.tone]}>
                <Cell>{each.of}</Cell>
                <Cell>
                  <span className="flex flex-wrap items-center gap-2">
                    partition {each.partition}
                    {each.tone === 'plain' ? null : (
                      <Badge tone={each.tone}>{each.tone === 'bad' ? 'away' : 'slow'}</Badge>
                    )}
                  </span>
                </Cell>
                <Cell align="right">{figure(each.open)}</Cell>
                <Cell align="right">
                  {ageOf(each.oldestMs)}
                  {each.pastDeadlineMs === 0 ? null : (
                    <span className="block text-xs">{ageOf(each.pastDeadlineMs)} behind its deadline</span>
                  )}
                </Cell>
              </tr>
            ))}
          </Table>
        </Card>
      ) : null}
      {waiting.length > MOST_ROWS ? (
        <p className="mt-2 text-xs text-ink-soft">
          The {MOST_ROWS} that wait longest, of {figure(waiting.length)}.
        </p>
      ) : null}
    </>
  )
}

function ageOf(ms: number): string {
  return ms < 1000 ? `${ms} ms` : duration(ms / 1000)
}
