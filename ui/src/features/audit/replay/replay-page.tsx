import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { oldest } from '../../../api/freshness.ts'
import { LinkButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { QueryFailed } from '../../../components/failure/query-failed.tsx'
import { LoadMore, type LoadMoreProps } from '../../../components/load-more.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Page } from '../../../components/page.tsx'
import { type Shortcut, Shortcuts } from '../../../components/shortcuts.tsx'
import { SkeletonRows } from '../../../components/skeleton.tsx'
import { useKeys } from '../../../components/use-keys.ts'
import { replayQuery } from '../../../data/audit/audit.ts'
import { useServices } from '../../../services/app-context.ts'
import { beginFor } from './replay-begin.ts'
import { StepCard } from './step-card.tsx'
import { StepTable } from './step-table.tsx'

const route = getRouteApi('/audit/accounts/$accountId')

const keys: readonly Shortcut[] = [
  ['j', 'Next step'],
  ['k', 'Step before'],
]

/** An account's history, a step at a time: `j` and `k` go forward and back, and the step is in the address. */
export function ReplayPage() {
  const { accountId } = route.useParams()
  const { step: asked, from: begin } = route.useSearch()
  const navigate = route.useNavigate()
  const { client } = useServices()
  const from = Number(begin ?? 1)
  const query = useInfiniteQuery(replayQuery(client, accountId, from))
  const steps = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const broken = query.data?.pages.at(-1)?.value.broken ?? null
  const chosen = steps.find(({ step }) => step === Number(asked)) ?? steps[0]
  const last = steps.at(-1)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query

  const go = (step: number) => {
    if (step > (last?.step ?? 0) && !hasNextPage) return
    const beginAt = beginFor(step, from, steps[0]?.step ?? 1, last?.step ?? 0)
    const where = beginAt > 1 ? beginAt : undefined
    void navigate({
      search: { step: String(step), ...(where === undefined ? {} : { from: String(where) }) },
      replace: true,
      resetScroll: false,
    })
  }
  const nearEnd = chosen !== undefined && last !== undefined && last.step - chosen.step < 5
  useEffect(() => {
    if (nearEnd && hasNextPage && !isFetchingNextPage && asked !== undefined) void fetchNextPage()
  }, [nearEnd, hasNextPage, isFetchingNextPage, fetchNextPage, asked])
  useKeys({ j: () => chosen && go(chosen.step + 1), k: () => chosen && chosen.step > 1 && go(chosen.step - 1) })

  return (
    <Page
      lead="Oldest first, each record read from the log and checked against its hash."
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
      actions={
        <>
          <Shortcuts keys={keys} />
          <LinkButton to="/audit" look="secondary">
            Another account
          </LinkButton>
        </>
      }
    >
      {query.error && !chosen ? (
        <NoSteps error={query.error} from={from} onRetry={query.data ? fetchNextPage : query.refetch} />
      ) : null}
      {query.data && !query.error && !chosen && hasNextPage ? <Looking query={query} from={from} /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Replaying the account" rows={8} />
        </Card>
      ) : null}
      {broken ? (
        <div className="mb-5">
          <Notice tone="bad" title={`The replay ends before position ${broken.position}`}>
            <p>{broken.detail}.</p>
            <p className="mt-1">What stands behind it was not replayed: its balances would be guesses.</p>
          </Notice>
        </div>
      ) : null}
      {chosen ? (
        <>
          <StepCard
            key={chosen.step}
            step={chosen}
            end={hasNextPage ? undefined : last?.step}
            mayGoOn={hasNextPage || chosen.step < (last?.step ?? 0)}
            onGo={go}
          />
          <Card className="overflow-hidden">
            <StepTable steps={steps} chosen={chosen.step} onChoose={go} />
            <LoadMore query={query} shown={steps.length} noun="Steps" />
          </Card>
        </>
      ) : null}
    </Page>
  )
}

type LookingProps = { readonly query: LoadMoreProps['query']; readonly from: number }

/** A step far into a history is folded up to, so many commits an answer: pages come empty until it is reached. */
function Looking({ query, from }: LookingProps) {
  return (
    <Card className="overflow-hidden">
      <LoadMore
        query={query}
        shown={0}
        noun="Steps"
        searchingWords={`Looking for step ${from.toLocaleString()}: all that lies before it is read from the log…`}
      />
    </Card>
  )
}

type NoStepsProps = { readonly error: unknown; readonly from: number; readonly onRetry: () => unknown }

/** Why there is nothing; a step that the history does not have is answered with how many it has. */
function NoSteps({ error, from, onRetry }: NoStepsProps) {
  const { accountId } = route.useParams()
  return (
    <>
      <QueryFailed error={error} onRetry={onRetry} noun="account" />
      {from > 1 ? (
        <LinkButton to="/audit/accounts/$accountId" params={{ accountId }} look="secondary" className="mt-4">
          Begin with the first step
        </LinkButton>
      ) : null}
    </>
  )
}
