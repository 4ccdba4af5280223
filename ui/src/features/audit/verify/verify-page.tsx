import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { allows } from '../../../api/session.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { LastVerified } from '../../../components/last-verified.tsx'
import { ListTools } from '../../../components/list-tools.tsx'
import { ProblemNotice } from '../../../components/notice.tsx'
import { Page } from '../../../components/page.tsx'
import { type Verified, verifyPartition } from '../../../data/audit/audit.ts'
import { verificationsQuery } from '../../../data/audit/verifications.ts'
import { useServices, useSession } from '../../../services/app-context.ts'
import { AuditTabs } from '../audit-tabs.tsx'
import { VerifyResult } from './verify-result.tsx'

type Progress = { readonly records: number; readonly of: number }

/** Folds the whole log anew, and says whether it is sound and what the index makes of it. */
export function VerifyPage() {
  const { client } = useServices()
  const mayVerify = allows(useSession(), 'platform:verify')
  const cache = useQueryClient()
  const verifications = useQuery(verificationsQuery(client))
  const [progress, setProgress] = useState<Progress>()
  const leaving = useRef<AbortController>(undefined)
  useEffect(() => () => leaving.current?.abort(), [])
  const verify = useMutation({
    mutationFn: async (): Promise<Verified[]> => {
      const stop = new AbortController()
      leaving.current = stop
      const first = await verifyPartition(client, 0, setProgress, stop.signal)
      const found = [first]
      for (let partition = 1; partition < (first.verification.partitions ?? 1); partition += 1) {
        found.push(await verifyPartition(client, partition, setProgress, stop.signal))
      }
      return found
    },
    onSettled: () => cache.invalidateQueries({ queryKey: verificationsQuery(client).queryKey }),
  })
  return (
    <Page
      lead="Reads every record from the first on, by the same rules as each worker, and trusts no read model."
      actions={
        mayVerify ? (
          <Button busy={verify.isPending} onClick={() => verify.mutate()}>
            {verify.isPending ? 'Verifying…' : verify.data ? 'Verify again' : 'Verify the log'}
          </Button>
        ) : null
      }
    >
      <AuditTabs />
      {verifications.data ? (
        <div className="mb-6">
          <LastVerified state={verifications.data.value} />
        </div>
      ) : null}
      {verify.isPending ? <ProgressCard progress={progress} /> : null}
      {verify.error && !verify.isPending ? <ProblemNotice problem={problemOfError(verify.error)} /> : null}
      {verify.data && !verify.isPending ? <Results found={verify.data} /> : null}
      {verify.isIdle ? (
        <Card className="p-5 sm:p-6">
          <h2 className="text-lg font-bold">What is checked</h2>
          <ul className="mt-2 list-disc space-y-1 pl-5 text-ink-soft">
            <li>Every commit continues the chain of hashes from the one before it.</li>
            <li>Every commit balances in each currency, and all accounts together stand at zero.</li>
            <li>Every accepted command was allowed by the rules, no key counted twice, and time never ran back.</li>
            <li>The log leads to where it was verified the last time, and on.</li>
            <li>Records of deposed workers are void, and are counted by reason.</li>
            <li>The audit index holds the same hash as the log at the same position.</li>
          </ul>
          {mayVerify ? null : (
            <p className="mt-3 text-sm text-ink-soft">
              The log is that of all tenants: whoever runs the house has it verified, and so does the house by itself.
            </p>
          )}
          <p className="mt-3 text-sm text-ink-soft">
            From outside, without this service: <code>npx pnpm@12 micropay verify</code> prints the same hash.
          </p>
        </Card>
      ) : null}
    </Page>
  )
}

/** One set of keys for the rows of all partitions, where there are any. */
function Results({ found }: { readonly found: readonly Verified[] }) {
  const results = (
    <div className="space-y-6">
      {found.map((one) => (
        <VerifyResult key={one.verification.partition} found={one} />
      ))}
    </div>
  )
  const hasRows = found.some(
    ({ verification: { faults, voided, sealedOtherwise } }) =>
      faults.length + voided.length + sealedOtherwise.length > 0,
  )
  return hasRows ? <ListTools>{results}</ListTools> : results
}

function ProgressCard({ progress }: { readonly progress: Progress | undefined }) {
  const { records = 0, of = 0 } = progress ?? {}
  return (
    <Card className="p-5 sm:p-6">
      <label className="block text-sm font-semibold" htmlFor="verify-progress">
        {records.toLocaleString()} of {of.toLocaleString()} records
      </label>
      <progress id="verify-progress" className="mt-2 h-3 w-full accent-accent" value={records} max={Math.max(of, 1)} />
    </Card>
  )
}
