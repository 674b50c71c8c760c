import styles from "./workbench.module.css";

const IDEAS = [
  "Is the platform ready?",
  "What does close code 4413 mean?",
  "How do I roll a bad deploy back?",
  "Why did my socket close with 1006?",
];

/** A new thread: what one can ask here. */
export function Greeting({ name, onPick }: { name: string | null; onPick: (text: string) => void }) {
  return (
    <div className={styles.empty}>
      <h2>{name ? `Hello, ${name}` : "What is going on?"}</h2>
      <p>Ask about sockets, deploys and health. The answer goes on even when you close this page.</p>
      <ul className={styles.ideas}>
        {IDEAS.map((idea) => (
          <li key={idea}><button type="button" onClick={() => onPick(idea)}>{idea}</button></li>
        ))}
      </ul>
    </div>
  );
}
