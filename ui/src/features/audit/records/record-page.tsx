import type { RecordView } from '@micropay/schemas/api/audit'
import { givenBy } from '@micropay/schemas/log/given'
import { formatPosition } from '@micropay/schemas/position'
import { isTransitId } from '@micropay/schemas/transit'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { LinkButton } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { Instant } from '../../../components/instant.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Page } from '../../../components/page.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { recordQuery } from '../../../data/audit/audit.ts'
import { useServices } from '../../../services/app-context.ts'
import { neighbour } from '../positions.ts'
import { PaymentSteps } from './payment-steps.tsx'
import { RawRecord } from './raw-record.tsx'

const route = getRouteApi('/audit/records/$position')

/**
 * What stands at a place of the ledger: the command and who gave it, the worker that wrote it, and the record itself,
 * byte for byte.
 */
export function RecordPage() {
  const { position } = route.useParams()
  const { client } = useServices()
  const query = useQuery(recordQuery(client, position))
  const view = query.data?.value
  const before = neighbour(position, -1)
  const behind = neighbour(position, 1)
  return (
    <Page
      lead={view?.paymentId ? `Payment ${view.paymentId}` : view?.decided?.command.type}
      freshness={query.data?.freshness}
      actions={
        <>
          {before ? (
            <LinkButton to="/audit/records/$position" params={{ position: before }} look="secondary">
              Record before
            </LinkButton>
          ) : null}
          {behind ? (
            <LinkButton to="/audit/records/$position" params={{ position: behind }} look="secondary">
              Record after
            </LinkButton>
          ) : null}
        </>
      }
    >
      {query.error && !view ? <QueryFailed error={query.error} onRetry={query.refetch} noun="record" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading the record" />
        </Card>
      ) : null}
      {view ? <RecordBody view={view} /> : null}
    </Page>
  )
}

function RecordBody({ view }: { readonly view: RecordView }) {
  const { record, claim, decided, voids } = view
  const stepped = steppedIn(decided)
  return (
    <div className="space-y-6">
      {record ? null : (
        <Notice tone="warn" title="No record counts at this position">
          What stands below claimed it in vain.
        </Notice>
      )}
      {decided || claim ? (
        <div className="grid gap-6 lg:grid-cols-2">
          {decided ? <Decided view={view} decided={decided} /> : null}
          {claim ? (
            <Card className="p-5 sm:p-6">
              <h2 className="mb-2 text-lg font-bold">The worker that wrote it</h2>
              <Facts
                facts={[
                  ['Worker', claim.ownerId],
                  ['Epoch', claim.epoch],
                  ['Claimed', <Instant key="at" at={claim.claimedAt} />],
                  [
                    'Claim',
                    <code key="id" className="text-xs break-all">
                      {claim.claimId}
                    </code>,
                  ],
                ]}
              />
            </Card>
          ) : null}
        </div>
      ) : null}
      {stepped === undefined ? null : <PaymentSteps paymentId={stepped} at={view.position} />}
      {record ? <RawRecord record={record} title="The record as it stands in the log" /> : null}
      {claim ? <RawRecord record={claim.record} title="The claim that it was written under" /> : null}
      {voids.map((one) => (
        <RawRecord key={one.sha256} record={one} title="A record that does not count" />
      ))}
    </div>
  )
}

/** The payment across partitions that a commit is a step of; of one that ends many, none. */
function steppedIn(decided: RecordView['decided']): string | undefined {
  const named = decided?.events.flatMap(({ type, data }) => {
    if (type === 'PaymentEnded') return data.paymentIds.length === 1 ? data.paymentIds : []
    return type !== 'PaymentPosted' && 'paymentId' in data ? [data.paymentId] : []
  })
  return named?.[0]
}

type DecidedProps = { readonly view: RecordView; readonly decided: NonNullable<RecordView['decided']> }

function Decided({ view, decided }: DecidedProps) {
  const { outcome } = decided
  const given = givenBy(decided)
  const accounts = new Set(
    decided.events.flatMap((event) =>
      'legs' in event.data
        ? event.data.legs.flatMap(({ account }) => (isTransitId(account) ? [] : [account]))
        : 'accountId' in event.data
          ? [event.data.accountId]
          : [],
    ),
  )
  return (
    <Card className="p-5 sm:p-6">
      <h2 className="mb-2 text-lg font-bold">The command</h2>
      <Facts
        facts={[
          ['Command', decided.command.type],
          ['Given by', decided.actor.subject],
          ...(given.approvedBy === null
            ? []
            : [['Approves what was asked for by', given.actor ?? 'somebody'] as const]),
          ['Through', decided.actor.client],
          ['Decided', <Instant key="at" at={decided.decidedAt} />],
          ['Outcome', outcome.kind === 'accepted' ? 'Accepted' : `Refused: ${outcome.detail} (${outcome.code})`],
          [
            'Idempotency key',
            <code key="key" className="text-xs break-all">
              {decided.idempotencyKey ?? 'None: a step that the ledger takes of itself'}
            </code>,
          ],
          ['Position', view.position],
          ...(decided.causes?.length ? [['Rests on', decided.causes.map(formatPosition).join(', ')] as const] : []),
        ]}
      />
      {accounts.size > 0 ? (
        <div className="mt-3 flex flex-wrap gap-2 print:hidden">
          {[...accounts].slice(0, 4).map((accountId) => (
            <LinkButton key={accountId} to="/audit/accounts/$accountId" params={{ accountId }} look="secondary">
              Replay {accountId}
            </LinkButton>
          ))}
        </div>
      ) : null}
    </Card>
  )
}
