import styles from "./workbench.module.css";

const OPERATOR_IDEA = "Is the platform ready?";
const IDEAS = [
  "What does close code 4413 mean?",
  "How do I roll a bad deploy back?",
  "Why did my socket close with 1006?",
];

interface GreetingProps {
  readonly name: string | null;
  /** Operators may ask about the state of the platform; others would be refused. */
  readonly isOperator: boolean;
  readonly onPick: (text: string) => void;
}

/** A new thread: what a person can ask here, and gets an answer to. */
export function Greeting({ name, isOperator, onPick }: GreetingProps) {
  const ideas = isOperator ? [OPERATOR_IDEA, ...IDEAS] : IDEAS;
  return (
    <div className={styles.empty}>
      <h2>{name ? `Hello, ${name}` : "Hello"}</h2>
      <p>Ask about sockets, deploys and health. The answer continues even when you close this page.</p>
      <ul className={styles.ideas}>
        {ideas.map((idea) => (
          <li key={idea}><button type="button" onClick={() => onPick(idea)}>{idea}</button></li>
        ))}
      </ul>
    </div>
  );
}
