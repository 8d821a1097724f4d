"""What starts the programs that people look at and work in: JupyterLab and TensorBoard, each on a Unix socket."""
