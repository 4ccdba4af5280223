import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card, Facts } from '../../../components/card.tsx'
import { Money } from '../../../components/money.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Cell, Table } from '../../../components/table.tsx'
import type { Verified } from '../../../data/audit/audit.ts'

const faultColumns = [{ name: 'Fault' }, { name: 'Position' }, { name: 'What was found' }] as const
const periodColumns = [{ name: 'Period' }, { name: 'Up to' }, { name: 'Position' }, { name: 'What was found' }] as const
const voidColumns = [{ name: 'Reason' }, { name: 'Epoch', align: 'right' }, { name: 'Position' }] as const

/** What a verification found on one partition. */
export function VerifyResult({ found: { verification, index } }: { readonly found: Verified }) {
  const { partition, sound, faultCount, voids, voided } = verification
  const faultsFound = faultCount === 1 ? '1 fault was' : `${faultCount.toLocaleString()} faults were`
  const agrees = index === null || index.agrees
  return (
    <section aria-label={`Partition ${partition}`} className="space-y-6">
      {sound && agrees ? (
        <Notice tone="good" title="The log is sound">
          {verification.records === 1 ? '1 record was' : `${verification.records.toLocaleString()} records were`} read
          in {(verification.durationMs / 1000).toFixed(1)} s. The chain is unbroken, every commit balances, and the
          index agrees.
        </Notice>
      ) : (
        <Notice tone="bad" title={sound ? 'The index does not agree with the log' : 'The log is not sound'}>
          {sound
            ? 'The log folds to another hash than the index holds: one of them was changed after the index was made.'
            : `${faultsFound} found. Keep the log and its disks as they are, and find out why.`}
        </Notice>
      )}
      <Card className="p-5 sm:p-6">
        <h2 className="mb-2 text-lg font-bold">Partition {partition}</h2>
        <Facts
          facts={[
            ['Ledger', verification.ledgerId ?? 'none'],
            ['Records', verification.records.toLocaleString()],
            ['Commits', verification.commits.toLocaleString()],
            ['Claims', verification.claims.toLocaleString()],
            ['Heartbeats', verification.heartbeats.toLocaleString()],
            ['Void', voidText(voids)],
            ['Position', `${partition}:${verification.seq}, epoch ${verification.epoch}`],
            ['Accounts', verification.accounts.toLocaleString()],
            ...verification.sums.map(
              ({ currency, amount }) =>
                [
                  `Sum of all accounts in ${currency}`,
                  <Money key={currency} minor={amount} currency={currency} />,
                ] as const,
            ),
            ['Hash of the log', <Hash key="hash">{verification.hash}</Hash>],
            ...historyOf(verification),
            ...(index
              ? [[`Hash of the index at ${index.position}`, <Hash key="index">{index.hash}</Hash>] as const]
              : []),
            ['Index', agrees ? 'Agrees with the log' : 'Does not agree with the log'],
          ]}
        />
      </Card>
      <SealedOtherwise verification={verification} />
      <Faults verification={verification} />
      {voided.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="Records that do not count" columns={voidColumns}>
            {voided.map(({ reason, epoch, seq }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two voids may be alike, and their order never changes
              <tr key={index}>
                <Cell>{reason.replaceAll('_', ' ')}</Cell>
                <Cell align="right">{epoch ?? '–'}</Cell>
                <Cell>{seq === null ? '–' : <RecordLink partition={partition} seq={seq} />}</Cell>
              </tr>
            ))}
          </Table>
        </Card>
      ) : null}
    </section>
  )
}

function Faults({ verification: { partition, faults } }: Pick<Verified, 'verification'>) {
  if (faults.length === 0) return null
  return (
    <Card className="overflow-hidden">
      <Table label="Faults" columns={faultColumns}>
        {faults.map(({ code, seq, detail }) => (
          <tr key={`${code} ${seq} ${detail}`}>
            <Cell className="font-medium text-bad">{code.replaceAll('_', ' ')}</Cell>
            <Cell>{seq === null ? '–' : <RecordLink partition={partition} seq={seq} />}</Cell>
            <Cell className="min-w-64">{detail}</Cell>
          </tr>
        ))}
      </Table>
    </Card>
  )
}

/** The caller's own closings alone: what others have sealed is not theirs to see. */
function SealedOtherwise({ verification: { partition, sealedOtherwise } }: Pick<Verified, 'verification'>) {
  if (sealedOtherwise.length === 0) return null
  return (
    <Card className="overflow-hidden">
      <Table label="Periods that seal other figures than were booked" columns={periodColumns}>
        {sealedOtherwise.map(({ periodId, through, seq, sealed, booked }) => (
          <tr key={periodId}>
            <Cell className="font-medium">{periodId}</Cell>
            <Cell>{through}</Cell>
            <Cell>
              <RecordLink partition={partition} seq={seq} />
            </Cell>
            <Cell className="min-w-64">
              It seals the digest {sealed}, and what was booked gives {booked}. Reopen it, and close it by the
              checklist.
            </Cell>
          </tr>
        ))}
      </Table>
    </Card>
  )
}

/** What it was compared with, and what a person has accepted. */
function historyOf({ comparedWith, accepted }: Verified['verification']) {
  const before = comparedWith
    ? `${comparedWith.position}, verified before`
    : 'Nothing: it is verified for the first time'
  return [
    ['Compared with', before] as const,
    ...accepted.map(
      ({ position, previous, actor, reason }) =>
        [`Resumed at ${position}`, `from ${previous}, by ${actor}: ${reason}`] as const,
    ),
  ]
}

function voidText(voids: Readonly<Record<string, number>>): string {
  const texts = Object.entries(voids)
    .filter(([, number]) => number > 0)
    .map(([reason, number]) => `${number.toLocaleString()} ${reason.replaceAll('_', ' ')}`)
  return texts.length === 0 ? 'None' : texts.join(', ')
}

function Hash({ children }: { readonly children: ReactNode }) {
  return <code className="text-xs break-all">{children}</code>
}

function RecordLink({ partition, seq }: { readonly partition: number; readonly seq: number }) {
  const position = `${partition}:${seq}`
  return (
    <Link
      to="/audit/records/$position"
      params={{ position }}
      className="inline-flex min-h-11 items-center text-accent underline-offset-4 hover:underline"
    >
      {position}
    </Link>
  )
}
