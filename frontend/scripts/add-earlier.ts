// `node scripts/add-earlier.ts SITE EARLIER`: adds the hashed files of earlier releases to a built
// site. The deploy tool fills EARLIER; a folder that does not exist adds nothing.

import { mergeEarlier } from "./earlier.ts";

const EXIT_USAGE = 2;
const [site, earlier] = process.argv.slice(2);

if (site === undefined || earlier === undefined) {
  process.stderr.write("usage: node scripts/add-earlier.ts SITE EARLIER\n");
  process.exitCode = EXIT_USAGE;
} else {
  try {
    const { kept, bytes } = mergeEarlier(site, earlier, Date.now());
    process.stdout.write(`kept ${kept} files of earlier releases, ${(bytes / 1024).toFixed(0)} KiB\n`);
  } catch (reason) {
    process.stderr.write(`netra: Error: ${reason instanceof Error ? reason.message : String(reason)}\n`);
    process.exitCode = 1;
  }
}
