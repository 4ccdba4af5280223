import { LinkButton } from '../button.tsx'
import { EmptyState } from '../empty-state.tsx'
import { Page } from '../page.tsx'

export function NotFoundPage() {
  return (
    <Page title="Page not found">
      <EmptyState title="There is nothing at this address" action={<LinkButton to="/">Go to the start</LinkButton>}>
        The link may be old or mistyped. What you are not allowed to see looks the same.
      </EmptyState>
    </Page>
  )
}
