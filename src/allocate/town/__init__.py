"""What is true of a town before any mathematics: who may pay what, who reaches whom, which places a floor means."""
