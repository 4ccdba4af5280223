import type { AuditRecord } from '@micropay/schemas/api/audit'
import { useId, useState } from 'react'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { CheckIcon, CrossIcon } from '../../../components/icons.tsx'

const reasons: Readonly<Record<string, string>> = {
  stale_genesis: 'The ledger was founded before it.',
  stale_claim: 'Its epoch was taken already.',
  stale_epoch: 'Its worker had been deposed by a higher claim.',
  duplicate: 'Its position was taken already.',
  chain_broken: 'It does not continue the chain of hashes. This is an alarm.',
}

/** A record's bytes, what its hashes prove, and the same text indented for people. */
export function RawRecord({ record, title }: { readonly record: AuditRecord; readonly title: string }) {
  const [exact, setExact] = useState(false)
  const id = useId()
  return (
    <Card className="p-5 sm:p-6">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h2 id={id} className="text-lg font-bold">
          {title}
        </h2>
        {record.counts ? <Badge tone="good">Counts</Badge> : <Badge tone="warn">Void</Badge>}
      </div>
      {record.reason ? <p className="mb-3 text-sm">{reasons[record.reason] ?? record.reason}</p> : null}
      <ul className="mb-3 space-y-2">
        {record.checks.map(({ name, passed, detail }) => (
          <li key={name} className="flex gap-2 text-sm" data-passed={passed}>
            {passed ? (
              <CheckIcon className="mt-0.5 size-5 text-good" />
            ) : (
              <CrossIcon className="mt-0.5 size-5 text-bad" />
            )}
            <span className="min-w-0 break-words">
              <strong className={passed ? '' : 'text-bad'}>{passed ? 'Passed' : 'Failed'}</strong>: {detail}
            </span>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          ['Bytes', record.bytes],
          ['SHA-256 of the bytes', <Hash key="sha256" text={record.sha256} />],
          ...(record.previousHash === null
            ? []
            : [['Hash before', <Hash key="before" text={record.previousHash} />] as const]),
          ...(record.hash === null ? [] : [['Hash after', <Hash key="after" text={record.hash} />] as const]),
        ]}
      />
      <div className="mt-3 mb-2 print:hidden">
        <Button look="secondary" onClick={() => setExact(!exact)}>
          {exact ? 'Show indented' : 'Show byte for byte'}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section tabIndex={0} aria-labelledby={id} className="max-h-[32rem] overflow-auto rounded-lg bg-sunken p-4">
        <pre className={`font-mono text-xs ${exact ? 'break-all whitespace-pre-wrap' : ''}`}>
          {exact ? record.text : indented(record.text)}
        </pre>
      </section>
    </Card>
  )
}

function Hash({ text }: { readonly text: string }) {
  return <code className="text-xs break-all">{text}</code>
}

/** What is no JSON stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
