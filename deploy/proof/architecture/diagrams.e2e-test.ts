import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { launchBrowser } from '../e2e/browser.fixture.ts'

const folder = join(repositoryRoot, 'docs/diagrams')
/** Where pictures of them go, if anywhere. */
const screenshots = process.env.SCREENSHOTS
let browser: Browser
let page: Page
before(async () => {
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  await page.setContent('<!doctype html><main></main>')
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('@mermaid-js/tiny') })
  await page.evaluate('mermaid.initialize({ startOnLoad: false })')
})
after(() => browser.close())

const Drawn = z.object({ error: z.string().optional(), texts: z.string(), width: z.number() })

/** As a page that shows it does: the picture, or why there is none. */
async function draw(text: string): Promise<z.infer<typeof Drawn>> {
  const drawn = await page.evaluate(`(async () => {
    const main = document.querySelector('main')
    try {
      main.innerHTML = (await mermaid.render('picture', ${JSON.stringify(text)})).svg
    } catch (error) {
      return { error: String(error), texts: '', width: 0 }
    }
    return { texts: main.textContent, width: main.firstElementChild.getBoundingClientRect().width }
  })()`)
  return Drawn.parse(drawn)
}

for (const name of readdirSync(folder)) {
  test(`docs/diagrams/${name} is drawn, with all that it names`, { timeout: 60_000 }, async () => {
    const text = readFileSync(join(folder, name), 'utf8')
    const { error, texts, width } = await draw(text)
    assert.equal(error, undefined)
    assert.ok(width > 100, `it is ${width} wide`)
    const labels = [...text.matchAll(/\["([^"]+)"\]|\{"([^"]+)"\}|participant \w+ as (.+)$/gm)].flatMap((match) =>
      match.slice(1).filter((label) => label !== undefined),
    )
    const plain = texts.replaceAll(/\s+/g, '')
    for (const label of labels) assert.ok(plain.includes(label.replaceAll(/\s+/g, '')), label)
    if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
  })
}

test('what is no diagram is told', { timeout: 60_000 }, async () => {
  assert.match((await draw('flowchart TB\n  one -->')).error ?? '', /Parse error/)
})
