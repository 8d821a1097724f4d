"""`deep_moxing`, as evaluation scripts for ModelArts import it. `docs/evaluation.md` tells what it computes."""
