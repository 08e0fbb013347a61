// Runs the operations that standard input lists with the DAX client of npm, and prints what they answer as JSON: each is
// `[name, parameters]`. Arguments: the endpoint, the region.
const AmazonDaxClient = require('amazon-dax-client');

const [endpoint, region] = process.argv.slice(2);

async function main() {
  const text = require('fs').readFileSync(0, 'utf8');
  const client = new AmazonDaxClient({endpoints: [endpoint], region, requestTimeout: 20000});
  const answers = [];
  for (const [name, parameters] of JSON.parse(text)) {
    try {
      answers.push(await client[name](parameters).promise());
    } catch (error) {
      answers.push({error: error.code, message: error.message});
    }
  }
  console.log(JSON.stringify(answers));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
