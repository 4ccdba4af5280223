import { useSession } from '../../services/app-context.ts'
import { LinkButton } from '../button.tsx'
import { EmptyState } from '../empty-state.tsx'
import { Page } from '../page.tsx'

/** Stands for a page whose scopes the session does not have: nothing on it would get an answer. */
export function NotAllowedPage({ isFor }: { readonly isFor: string }) {
  const { name } = useSession()
  return (
    <Page title="Page not open to you">
      <EmptyState title={`This page is for ${isFor}`} action={<LinkButton to="/">Go to the start</LinkButton>}>
        You are signed in as {name}, who may not see it. Whoever runs this MicroPay can change that.
      </EmptyState>
    </Page>
  )
}
